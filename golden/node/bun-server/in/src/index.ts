import { Hono } from 'hono';

const app = new Hono().get('/', (context) => context.text('hello'));

export default Bun.serve({ port: 5005, fetch: app.fetch });
