console.log(require('shared'));
