const fs = require("fs");

fs.mkdirSync("dist", { recursive: true });
fs.writeFileSync("dist/index.js", 'exports.morning = "good morning";\n');
