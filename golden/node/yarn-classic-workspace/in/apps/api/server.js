const { greeting } = require('@acme/words');
const express = require('express');

express().get('/', (request, response) => response.send(greeting)).listen(process.env.PORT || 3000);
