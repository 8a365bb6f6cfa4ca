const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const messages = fs.readFileSync(path.join(__dirname, "..", "..", "proto", "shop.proto"), "utf8");
http.createServer((_, response) => response.end(messages)).listen(3000);
