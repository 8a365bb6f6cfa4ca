require('http').createServer((_, response) => response.end('admin')).listen(3100);
