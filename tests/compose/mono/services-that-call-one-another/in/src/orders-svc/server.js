const http = require("http");

const currency = `http://${process.env.CURRENCY_HOST}:${process.env.CURRENCY_PORT}`;

http.createServer((request, response) => response.end(currency)).listen(process.env.PORT || 7100);
