const next = require('next');
const app = next({ dev: false });

app.prepare().then(() => require('express')().use((q, s) => app.getRequestHandler()(q, s)).listen(8080));
