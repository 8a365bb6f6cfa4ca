import express from 'express';
import { readFileSync } from 'node:fs';

const prices = JSON.parse(readFileSync('./data/prices.json', 'utf8'));
const app = express();
app.set('views', 'views');
app.listen(3000, '127.0.0.1', () => console.log(prices));
