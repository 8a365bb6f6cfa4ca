import { greet } from '@acme/greet';

const express = require('express');

express()
  .get('/', (_: unknown, response: { send(text: string): void }) => response.send(greet()))
  .listen(process.env.PORT || 3000);
