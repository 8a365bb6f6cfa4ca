import http from 'node:http';

const port = Number(process.env.PORT ?? 4000);
http.createServer((_, response) => response.end('hello')).listen(port);
