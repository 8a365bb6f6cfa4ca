const express = require('express');
const multer = require('multer');
const fs = require('fs');
const path = require('path');
const { DatabaseSync } = require('node:sqlite');

const folder = process.env.DATA_DIR || './data/';
const notes = process.env.NOTES || '/etc/notes/notes.json';
fs.mkdirSync(path.dirname(notes), { recursive: true });
fs.writeFileSync(notes, '[]');
const database = new DatabaseSync(path.join(folder, 'app.db'));
multer({ dest: 'uploads/' });
fs.appendFileSync('state.log', 'started\n');
process.on('exit', () => fs.writeFileSync('state.json', '{}'));

express()
  .get('/', (request, response) => response.send(database.prepare("select 'hello' as word").get().word))
  .listen(process.env.PORT || 3000);
