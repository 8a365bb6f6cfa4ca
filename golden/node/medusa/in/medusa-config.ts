import { defineConfig } from "@medusajs/framework/utils";
export default defineConfig({});
