import { PrismaClient } from './generated/prisma/client.js';

console.log(PrismaClient);
