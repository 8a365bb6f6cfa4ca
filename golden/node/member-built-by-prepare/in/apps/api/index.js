const words = require("./generated.js");

require("http")
  .createServer((request, response) => response.end(words.morning))
  .listen(process.env.PORT || 3000);
