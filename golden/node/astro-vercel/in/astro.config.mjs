import vercel from '@astrojs/vercel';

export default { output: 'server', adapter: vercel() };
