import assert from 'node:assert'
import { readFileSync } from 'node:fs'
import test from 'node:test'

test('the page has a place for the application', () => {
  assert.match(readFileSync('index.html', 'utf8'), /id="(root|app)"/)
})
