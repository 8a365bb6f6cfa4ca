const assert = require('node:assert')
const greeting = require('../greeting')

describe('the greeting', () => {
  it('says when', () => assert.match(greeting('1m'), /1m/))
})
