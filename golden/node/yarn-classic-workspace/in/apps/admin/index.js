console.log(require('cowsay').say({ text: 'admin' }));
