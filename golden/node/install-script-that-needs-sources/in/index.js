console.log(require('./generated.json'), require('ms')(60000));
