module.exports = 'shared'
