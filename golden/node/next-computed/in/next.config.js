module.exports = {
  output: process.env.STANDALONE ? 'standalone' : undefined,
};
