require('http').createServer((_, r) => r.end('hello')).listen(3000);
