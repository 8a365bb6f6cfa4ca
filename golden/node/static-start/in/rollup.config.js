export default { input: 'src/main.js', output: { file: 'public/bundle.js' } };
