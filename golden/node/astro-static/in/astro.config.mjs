export default { site: 'https://example.test' };
