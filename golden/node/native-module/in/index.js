const Database = require('better-sqlite3');

console.log(new Database(':memory:').prepare('select 42 as answer').get().answer);
