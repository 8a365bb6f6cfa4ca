const jwt = require('jsonwebtoken');

require('http')
  .createServer((_, response) => response.end(`hello ${jwt.sign({}, 'x').length > 0}`))
  .listen(process.env.PORT || 3000);
