module.exports = {
  output: process.env.PREVIEW ? "export" : undefined,
};
