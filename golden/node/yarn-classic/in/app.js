const express = require('express');

module.exports = express().get('/', (request, response) => response.send('hello'));
