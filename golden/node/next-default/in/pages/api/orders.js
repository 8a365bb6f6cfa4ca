import postgres from "postgres";

if (!process.env.DATABASE_URL) {
  throw new Error("DATABASE_URL is not set");
}

const sql = postgres(process.env.DATABASE_URL);

export default async function handler(request, response) {
  response.json(await sql`select * from orders`);
}
