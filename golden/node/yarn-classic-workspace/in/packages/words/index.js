require('ms');

exports.greeting = 'hello';
