const fs = require("fs");

fs.writeFileSync("generated.js", `module.exports = ${JSON.stringify(require("@acme/words"))};\n`);
