import { describe, expect, test } from 'vitest'
import { allParsers } from './all.ts'
import { fuzz } from './parser.ts'

/** `npm run fuzz` feeds ten million to each. */
const FRAMES = 20_000

describe('mutated frames', () => {
  for (const parser of allParsers()) {
    test(`${parser.name}: none throws, and none is accepted against its check`, async () => {
      const { accepted, wrong } = await fuzz(parser, FRAMES, 1)
      expect(wrong).toEqual([])
      // Some are left as they were: a parser that accepts nothing shows nothing.
      expect(accepted).toBeGreaterThan(FRAMES / 100)
    })
  }
})
