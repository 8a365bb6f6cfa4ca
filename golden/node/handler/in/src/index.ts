import { Hono } from 'hono';

const app = new Hono();
app.get('/', (c) => c.text('hello from a handler'));

export default app;
