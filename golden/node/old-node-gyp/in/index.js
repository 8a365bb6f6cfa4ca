const { Database } = require('sqlite3'); new Database(':memory:').get('select 42 as n', (_, row) => console.log(row.n));
