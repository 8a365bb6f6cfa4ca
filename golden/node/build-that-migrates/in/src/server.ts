import { createServer } from "node:http";

createServer((_, response) => response.end("compiled")).listen(3000);
