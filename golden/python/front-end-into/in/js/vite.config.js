import path from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"

const here = path.dirname(fileURLToPath(import.meta.url))

export default defineConfig({
  build: {
    outDir: path.resolve(import.meta.dirname, "../src/shop/static"),
    emptyOutDir: true,
  },
  resolve: { alias: { "@": here } },
})
