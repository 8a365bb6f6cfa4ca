require('http').createServer((_, r) => r.end('hello')).listen(Number(process.argv[3]));
