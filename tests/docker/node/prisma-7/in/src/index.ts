import { createServer } from 'node:http';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/prisma/client.js';

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });

createServer(async (_, response) => {
  // No database listens there: the answer shows that the query reached the driver.
  const error = await prisma.note.findMany().catch((e: unknown) => e);
  const name = error instanceof Prisma.PrismaClientKnownRequestError ? 'note' : String(error);
  response.end(`${name}: hello`);
}).listen(3000);
