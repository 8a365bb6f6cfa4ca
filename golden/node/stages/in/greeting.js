module.exports = (when) => `hello in ${when}\n`
