const express = require('express');
const { greeting } = require('@acme/words');

express().get('/', (request, response) => response.send(greeting)).listen(process.env.PORT || 3000);
