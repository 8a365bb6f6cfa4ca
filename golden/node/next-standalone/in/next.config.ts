import type { NextConfig } from 'next';

const config: NextConfig = {
  // output: 'export',
  output: 'standalone',
};

export default config;
