import { mkdirSync, writeFileSync } from "node:fs";

const to = "../build/resources/main/static";
mkdirSync(to, { recursive: true });
writeFileSync(`${to}/index.html`, "<p>hello from the front end</p>\n");
