exports.greeting = 'hello';
