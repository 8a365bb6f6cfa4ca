export default { output: 'export', basePath: '/docs' };
