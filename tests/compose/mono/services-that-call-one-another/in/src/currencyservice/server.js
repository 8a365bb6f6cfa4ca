const http = require("http");

// Where letters link to.
const shop = process.env.FRONTEND_URL;

http.createServer((request, response) => response.end(shop)).listen(7000);
