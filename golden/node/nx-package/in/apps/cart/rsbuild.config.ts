import { join } from 'node:path';
import { defineConfig } from '@rsbuild/core';

export default defineConfig({ output: { distPath: { root: join(__dirname, '..', '..', 'dist', 'apps', 'cart') } } });
