const cowsay: { say(o: { text: string }): string } = require('cowsay');

console.log(cowsay.say({ text: 'hello' }));
