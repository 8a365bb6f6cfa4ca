const http = require('http')
const ms = require('ms')
const greeting = require('./greeting')

http.createServer((req, res) => res.end(greeting(ms(60000)))).listen(process.env.PORT || 3000)
