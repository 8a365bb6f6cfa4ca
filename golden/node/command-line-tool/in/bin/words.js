#!/usr/bin/env node
const { count } = require('../src/index.js');

console.log('words: ' + count(process.argv.slice(2)));
