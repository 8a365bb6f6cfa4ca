const express = require('express');
const multer = require('multer');
const fs = require('fs');
const { DatabaseSync } = require('node:sqlite');

const database = new DatabaseSync('data/app.db');
multer({ dest: 'uploads/' });
process.on('exit', () => fs.writeFileSync('state.json', '{}'));

express()
  .get('/', (request, response) => response.send(database.prepare("select 'hello' as word").get().word))
  .listen(process.env.PORT || 3000);
