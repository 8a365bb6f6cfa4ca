module.exports = { title: 'Docs', url: 'https://example.test', baseUrl: '/manual/' };
