const pty = require('node-pty');

pty.spawn('echo', ['42']).onData((text) => console.log(text));
