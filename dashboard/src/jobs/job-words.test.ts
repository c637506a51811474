import { expect, test } from 'vitest'
import { sayProgress, shareDone } from './job-words.ts'

for (const [progress, words, share] of [
  [{ done: 0, total: null, words: null }, '', null],
  [{ done: 40, total: null, words: null }, '40', null],
  [{ done: 1200, total: 20000, words: 'rows' }, '1,200 of 20,000 · rows', 0.06],
  [{ done: 0, total: 0, words: 'nothing to do' }, '0 of 0 · nothing to do', null],
  [{ done: 12, total: 10, words: null }, '12 of 10', 1],
] as const) {
  test(`${progress.done} of ${progress.total} is said as "${words}"`, () => {
    expect(sayProgress(progress)).toBe(words)
    expect(shareDone(progress)).toBe(share)
  })
}
