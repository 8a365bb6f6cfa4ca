import express from 'express';

const app = express();
app.get('/', (_, response) => response.send('quote'));
app.listen(process.env.PORT ?? 4100);
