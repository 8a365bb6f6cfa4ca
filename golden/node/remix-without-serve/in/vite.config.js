import { vitePlugin as remix } from '@remix-run/dev';
import { netlifyPlugin } from '@netlify/remix-adapter/plugin';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [remix(), netlifyPlugin()] });
