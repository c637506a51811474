import { describe, expect, test } from 'vitest'
import { type Happening, type Look, OPEN_SHOWN_MS, SAME_SCAN_MS, START, step, type Verdict } from './looking.ts'

const open: Verdict = {
  open: true,
  passId: '00000000000000ff',
  holderName: 'Ada Lovelace',
  hostName: null,
  class: 'student',
  refusal: null,
  visitor: null,
  guard: null,
  conditions: { photoCheck: false, once: false, escort: false },
  opensAt: [],
}
const refused: Verdict = { ...open, open: false, refusal: 'revoked', visitor: 'Pass is blocked', guard: 'Ask.' }

const sight = (digits: string, atMs: number): Happening => ({ what: 'in_sight', digits, atMs })
const verdict = (digits: string, said: Verdict, atMs: number): Happening => ({
  what: 'verdict',
  digits,
  verdict: said,
  atMs,
})
const after = (...happenings: readonly Happening[]): Look => happenings.reduce(step, START)

describe('what the page does next', () => {
  test('a code in sight is asked, answered, and an open answer goes by itself', () => {
    expect(after(sight('11', 0))).toEqual({ is: 'asking', digits: '11' })
    const shown = after(sight('11', 0), verdict('11', open, 100))
    expect(shown).toMatchObject({ is: 'answered', verdict: open })
    const at = (atMs: number) => step(shown, { what: 'time_passed', atMs }).is
    expect([at(100 + OPEN_SHOWN_MS - 1), at(100 + OPEN_SHOWN_MS)]).toEqual(['answered', 'scanning'])
  })

  test('a refusal stays until somebody taps', () => {
    const shown = after(sight('11', 0), verdict('11', refused, 100), { what: 'time_passed', atMs: 3_600_000 })
    expect(shown.is).toBe('answered')
    expect(step(shown, { what: 'next' })).toEqual(START)
  })

  test('a code that is held up is asked once, however long, and again when it was away', () => {
    const held = Array.from({ length: 50 }, (_, at) => sight('11', 200 + at * 1_000))
    const after50 = [
      verdict('11', open, 100),
      ...held,
      { what: 'time_passed', atMs: 50_000 } as const,
      sight('11', 50_200),
    ].reduce(step, after(sight('11', 0)))
    expect(after50.is).toBe('scanning')
    expect(step(after50, sight('11', 50_200 + SAME_SCAN_MS - 1)).is).toBe('scanning')
    expect(step(after50, sight('11', 50_200 + SAME_SCAN_MS)).is).toBe('asking')
  })

  test('another code is asked at once, over an answer too', () => {
    const shown = after(sight('11', 0), verdict('11', refused, 100), sight('22', 200))
    expect(shown).toEqual({ is: 'asking', digits: '22' })
  })

  test('while one is asked no other is, and an answer to what was not asked is nobody’s', () => {
    const asking = after(sight('11', 0), sight('22', 50))
    expect(asking).toEqual({ is: 'asking', digits: '11' })
    expect(step(asking, verdict('22', open, 60))).toEqual(asking)
    expect(step(START, verdict('11', open, 60))).toEqual(START)
  })

  test('no answer is told and stays; the next tap asks the same code again', () => {
    const none = after(sight('11', 0), { what: 'no_verdict', digits: '11', sentence: 'No network.', atMs: 100 })
    expect(none).toMatchObject({ is: 'unanswered', sentence: 'No network.' })
    expect([{ what: 'next' } as const, sight('11', 200)].reduce(step, none).is).toBe('asking')
  })

  test('what is typed is asked whatever was seen; nothing typed is not', () => {
    const shown = after(sight('11', 0), verdict('11', open, 100))
    expect(step(shown, { what: 'entered', digits: ' 11\n' })).toEqual({ is: 'asking', digits: '11' })
    expect(step(shown, { what: 'entered', digits: ' \n' })).toBe(shown)
  })

  test('a text that no pass can be is cut to what the service reads', () => {
    const asking = after(sight('7'.repeat(7_000), 0))
    expect(asking.is === 'asking' && asking.digits.length).toBe(512)
  })
})
