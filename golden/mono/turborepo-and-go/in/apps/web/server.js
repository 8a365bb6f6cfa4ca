const http = require('http')
const shared = require('shared')

http.createServer((request, response) => response.end(shared)).listen(process.env.PORT || 3000)
