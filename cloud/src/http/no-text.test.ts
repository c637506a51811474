import { expect, test } from 'vitest'
import { noText } from './no-text.ts'

test.each([
  ['a text', { name: 'Zoë 👩‍👩‍👧', tags: ['x'], at: null, count: 1 }, []],
  ['a NUL', { name: 'a\0b' }, ['name']],
  ['half of a pair', { tags: ['fine', '\ud83d'] }, ['tags.1']],
  ['a name', { inner: { 'a\0': 1 } }, ['inner']],
  ['bytes', { file: new Uint8Array([0, 0]) }, []],
  ['nothing', undefined, []],
])('%s', (_name, value, paths) => {
  expect(noText(value).map(({ path }) => path)).toEqual(paths)
})

test('nesting has no end that matters', () => {
  expect(noText(JSON.parse(`${'['.repeat(20_000)}"\\u0000"${']'.repeat(20_000)}`))).toHaveLength(1)
})
