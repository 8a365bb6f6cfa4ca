const http = require("http");
require("dtrace-provider");

http.createServer((request, response) => response.end("42")).listen(3000);
