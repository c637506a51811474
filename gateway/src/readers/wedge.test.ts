import { fromHex } from '@gatehouse/shared/bytes.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyReport, keysFor } from '../simulators/typing-reader.ts'
import { decode, madeOf } from '../testing/decode.ts'
import { KEY_LAYOUTS, type KeyLayoutName } from './key-layouts.ts'
import { wedgeDecoder } from './wedge.ts'

const RELEASED = '0000000000000000'
const ENTER = '0000280000000000'
const TAB = '00002b0000000000'
const KEYPAD_ENTER = '0000580000000000'

type Settings = Partial<Parameters<typeof wedgeDecoder>[0]>
const wedge = (settings: Settings = {}) =>
  wedgeDecoder({ layout: 'us', reads: 'code', prefix: '', aimId: false, ...settings })

/** What is made of reports that are 1 ms apart. */
function read(reports: readonly string[], settings: Settings = {}) {
  const { scans, dropped } = decode(
    wedge(settings),
    reports.map(report => fromHex(report)!),
    1,
  )
  return { scans, dropped }
}

/** The reports of a text, a release after each key, and Enter. */
function typed(text: string, layout: KeyLayoutName = 'us'): string[] {
  const keys = keysFor(text, KEY_LAYOUTS[layout])!
  const hex = (usage: number, modifiers: number) => Buffer.from(keyReport({ usage, modifiers })).toString('hex')
  return [...keys.flatMap(({ usage, modifiers }) => [hex(usage, modifiers), RELEASED]), ENTER, RELEASED]
}

describe('keyboard reports', () => {
  test('a captured report of a scanner is the 8 that it read (node-hid issue 413)', () => {
    expect(read(['0000250000000000', RELEASED, ENTER]).scans).toEqual(['8'])
  })

  const pressed = (usages: string) => usages.split(' ').flatMap(usage => [RELEASED, `0000${usage}0000000000`])

  test('captured: a scanner that ends with CR LF, which it types as Enter and Ctrl-J (node-hid issue 323)', () => {
    const lineFeed = [RELEASED, '0300000000000000', '03000d0000000000', '0300000000000000', RELEASED]
    const once = [...pressed('23 26 22 24 25 21 1f 1f 27 25 25 22 23 28'), ...lineFeed]
    expect(read([...once, ...once])).toEqual({ scans: ['6957842208856', '6957842208856'], dropped: [] })
  })

  test('captured: a scanner that presses shift in a report of its own (node-hid issue 228)', () => {
    const star = ['0200000000000000', '0200250000000000', '0200000000000000', RELEASED]
    expect(read(['0000210000000000', RELEASED, ...star, '0000260000000000', RELEASED, ENTER]).scans).toEqual(['4*9'])
  })

  test('captured: a card reader with its ten digits (node-hid issue 78)', () => {
    expect(read(pressed('27 27 27 21 26 25 1e 21 1f 1f 28')).scans).toEqual(['0004981422'])
  })

  test('captured: the QR code of a 1eab:8003, {test:Hi} (raspberrypi.org forum 220837)', () => {
    const numbers = [
      [2, 47],
      [0, 23],
      [0, 8],
      [0, 22],
      [0, 23],
      [2, 51],
      [2, 11],
      [0, 12],
      [2, 48],
      [0, 40],
    ] as const
    const reports = numbers.flatMap(([modifiers, usage]) => [
      Buffer.from([modifiers, 0, usage, 0, 0, 0, 0, 0]).toString('hex'),
      RELEASED,
    ])
    expect(read(reports).scans).toEqual(['{test:Hi}'])
  })

  test('captured: Num Lock, Alt and 052 for a 4, as a Datalogic types it, is refused by name', () => {
    const four = ['0400000000000000', '0400620000000000', '04005d0000000000', '04005a0000000000', RELEASED]
    expect(read(['0000530000000000', RELEASED, ...four, ENTER])).toEqual({ scans: [], dropped: ['alt_keypad'] })
  })

  test.each([
    ['Enter', ENTER],
    ['Tab', TAB],
    ['Enter of the keypad', KEYPAD_ENTER],
  ])('%s ends a text', (_name, end) => {
    expect(read(['00001e0000000000', end])).toEqual({ scans: ['1'], dropped: [] })
  })

  test('a device that numbers its reports has its id in front', () => {
    expect(read(['010000250000000000', '010000000000000000', '010000280000000000']).scans).toEqual(['8'])
  })

  test('a key after another without a release is both, and a key that is held is one', () => {
    expect(read(['00001e0000000000', '00001f0000000000', '00001f0000000000', ENTER]).scans).toEqual(['12'])
  })

  test('an equal key counts again only after a release', () => {
    expect(read(['00001e0000000000', RELEASED, '00001e0000000000', ENTER]).scans).toEqual(['11'])
  })

  test('keys in several slots are all read, each once', () => {
    expect(read(['00001e1f20000000', '00001f201e210000', '00001e1e00000000', ENTER]).scans).toEqual(['1234'])
  })

  test('modifiers are those of the same report, of either hand', () => {
    expect(read(['0200040000000000', '0000050000000000', '2000060000000000', ENTER]).scans).toEqual(['AbC'])
  })

  test('too many keys at once say nothing about keys', () => {
    const rollover = '0000010101010101'
    expect(read(['00001e0000000000', rollover, '00001e0000000000', ENTER]).scans).toEqual(['1'])
  })

  test('lock keys around a code are no part of it', () => {
    expect(read(['0000390000000000', RELEASED, ...typed('AB1')]).scans).toEqual(['AB1'])
  })

  test('two codes one after the other are two', () => {
    expect(read([...typed('1575'), ...typed('1575'), ...typed('42')]).scans).toEqual(['1575', '1575', '42'])
  })

  test('an empty text is none', () => {
    expect(read([ENTER, RELEASED, TAB, ENTER])).toEqual({ scans: [], dropped: [] })
  })

  test('a report that is not of a keyboard is dropped, and the text goes on', () => {
    expect(read(['00001e0000000000', '0102', '00001f0000000000', ENTER])).toEqual({
      scans: ['12'],
      dropped: ['not_keys'],
    })
  })
})

describe('a text without an end', () => {
  function typing() {
    const decoder = wedge()
    for (const [at, report] of ['00001e0000000000', RELEASED, '00001f0000000000', RELEASED].entries())
      decoder.take(fromHex(report)!, at)
    return decoder
  }

  test('ends after 80 ms of silence, and not before', () => {
    const decoder = typing()
    expect(decoder.dueMs()).toBe(62)
    expect(madeOf(decoder.due(61)).scans).toEqual([])
    expect(madeOf(decoder.due(62)).scans).toEqual([])
    expect(decoder.dueMs()).toBe(82)
    expect(madeOf(decoder.due(81)).scans).toEqual([])
    expect(madeOf(decoder.due(82)).scans).toEqual(['12'])
    expect(decoder.dueMs()).toBeNull()
  })

  test('goes on where its reports waited for a process that was busy', () => {
    const decoder = typing()
    expect(madeOf(decoder.due(500)).scans).toEqual([])
    expect(madeOf(decoder.take(fromHex('0000200000000000')!, 501)).scans).toEqual([])
    expect(madeOf(decoder.due(560)).scans).toEqual([])
    expect(madeOf(decoder.take(fromHex(ENTER)!, 562)).scans).toEqual(['123'])
  })
})

describe('what a scanner types', () => {
  const digits = '0123456789'.repeat(47)
  const all = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')

  for (const layout of ['us', 'uk', 'de', 'fr'] as const) {
    test(`is read in layout ${layout}: every printable ASCII character`, () => {
      expect(read(typed(all, layout), { layout })).toEqual({ scans: [all], dropped: [] })
    })

    test(`is read in layout ${layout}: any text`, () => {
      const text = fc.string({ unit: fc.constantFrom(...all), minLength: 1, maxLength: 60 })
      fc.assert(
        fc.property(text, text => {
          expect(read(typed(text, layout), { layout }).scans).toEqual([text])
        }),
      )
    })
  }

  test.each([
    ['us', '0200200000000000', '#'],
    ['uk', '0200200000000000', '£'],
    ['de', '0200200000000000', '§'],
    ['fr', '0200200000000000', '3'],
    ['us', '00001c0000000000', 'y'],
    ['de', '00001c0000000000', 'z'],
    ['fr', '0000040000000000', 'q'],
    ['fr', '0200100000000000', '?'],
    ['fr', '0000330000000000', 'm'],
    ['de', '4000140000000000', '@'],
    ['de', '0500140000000000', '@'],
    ['fr', '4000270000000000', '@'],
    ['us', '0200640000000000', '|'],
    ['uk', '0000320000000000', '#'],
    ['us', '0000630000000000', '.'],
    ['de', '0000630000000000', ','],
  ] as const)('in layout %s the key %s is %s', (layout, report, character) => {
    expect(read([report, RELEASED, ENTER], { layout }).scans).toEqual([character])
  })

  test('may come from the keypad', () => {
    const usages = ['54', '55', '56', '57', '59', '5a', '5b', '5c', '5d', '5e', '5f', '60', '61', '62', '63']
    expect(read([...usages.map(usage => `0000${usage}0000000000`), ENTER]).scans).toEqual(['/*-+1234567890.'])
  })

  test('has accents that wait for a letter', () => {
    const acute = '00002e0000000000'
    expect(read([acute, '0000080000000000', acute, '00002c0000000000', acute, ENTER], { layout: 'de' }).scans).toEqual([
      'é´´',
    ])
  })

  test('is 469 digits at most, as our codes are, and no more than 512', () => {
    expect(read(typed(digits.slice(0, 469))).scans).toEqual([digits.slice(0, 469)])
    expect(read(typed('7'.repeat(512))).scans).toHaveLength(1)
    expect(read([...typed('7'.repeat(513)), ...typed('42')])).toEqual({ scans: ['42'], dropped: ['too_long'] })
  })

  test('without an end costs nothing, however much it is', () => {
    const decoder = wedge()
    const [press, release] = [fromHex('00001e0000000000')!, fromHex(RELEASED)!]
    for (let at = 0; at < 65_536; at++) expect(decoder.take(at % 2 ? release : press, at)).toEqual([])
    expect(madeOf(decoder.take(fromHex(ENTER)!, 65_536)).dropped).toEqual(['too_long'])
  })
})

describe('what cannot be read', () => {
  test('Alt and keypad digits are refused by name, and what comes after is read', () => {
    const alt = ['0400000000000000', '0400590000000000', '04005a0000000000', RELEASED]
    expect(read(['00001e0000000000', ...alt, ENTER, ...typed('42')])).toEqual({
      scans: ['42'],
      dropped: ['alt_keypad'],
    })
  })

  test.each([
    ['a function key', '00003a0000000000'],
    ['a control character', '0100300000000000'],
    ['a key of the system', '0800040000000000'],
    ['a backspace', '00002a0000000000'],
    ['Alt with a letter', '0400040000000000'],
  ])('%s drops the whole text: without it it could be another', (_name, report) => {
    expect(read(['00001e0000000000', report, '00001f0000000000', ENTER, ...typed('42')])).toEqual({
      scans: ['42'],
      dropped: ['unknown_key'],
    })
  })

  test('any reports at all: never an error, never a text that was not typed', () => {
    const report = fc.uint8Array({ minLength: 0, maxLength: 70 })
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), reports => {
        const decoder = wedge()
        for (const [at, bytes] of reports.entries())
          for (const scan of madeOf(decoder.take(bytes, at)).scans) expect(scan.length).toBeLessThanOrEqual(512)
      }),
    )
  })
})

describe('how a wedge is set', () => {
  test('an AIM id is taken off where it is set to send one', () => {
    expect(read(typed(']Q11575'), { aimId: true }).scans).toEqual(['1575'])
    expect(read(typed(']Q11575')).scans).toEqual([']Q11575'])
  })

  test('what comes without its prefix is dropped', () => {
    expect(read([...typed('~1575'), ...typed('1576')], { prefix: '~' })).toEqual({
      scans: ['1575'],
      dropped: ['prefix'],
    })
  })

  test('a card reader types digits of a card', () => {
    const card = { base: 'decimal', bitCount: 32, reversed: false, format: 'iso14443a' } as const
    expect(read(typed('3735928559'), { reads: 'card', card }).scans).toEqual(['iso14443a deadbeef'])
    expect(read(typed('99999999999'), { reads: 'card', card }).dropped).toEqual(['not_a_card'])
  })

  test('a camera types number plates', () => {
    expect(read(typed('ab 123'), { reads: 'plate' }).scans).toEqual(['plate 4142313233'])
  })
})
