import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CustomFormat, WIEGAND_NAMES, type WiegandName } from '../wire/hardware/card-format.ts'
import { binaryOf, type Frame, frameOf } from './bits.ts'
import { cardOfBits } from './card-of-bits.ts'
import { readCardText } from './card-text.ts'
import { customFormatMistakes } from './custom-format.ts'
import { layoutOf } from './formats.ts'
import { encodeFrame, mostOf } from './frame.ts'
import { type Learned, learnFormat } from './learn.ts'
import type { Sample } from './sample.ts'

const BQT34 = CustomFormat.parse({
  bits: 34,
  facility: { from: 1, to: 8 },
  number: { from: 9, to: 32 },
  parity: [
    { at: 0, kind: 'even', over: '0-16' },
    { at: 33, kind: 'odd', over: '17-33' },
  ],
})

type Numbers = readonly [facility: bigint | null, number: bigint]

function frame(format: WiegandName | CustomFormat, [facility, number]: Numbers): Frame {
  const made = encodeFrame({ facility, number }, format)
  if (!made.ok) throw new Error(made.failure)
  return made.value
}

const seenBits = (made: Frame, [facility, number]: Numbers): Sample => ({
  seen: { kind: 'bits', ...made },
  printed: { facility, number },
})
const seenText = (text: string, [facility, number]: Numbers): Sample => ({
  seen: { kind: 'text', text },
  printed: { facility, number },
})

/** Cards of a format, as a reader gives them in bits. `printed` is what is on the card of those numbers. */
const cards = (
  format: WiegandName | CustomFormat,
  numbers: readonly Numbers[],
  printed = (of: Numbers): Numbers => of,
) => numbers.map(of => seenBits(frame(format, of), printed(of)))

const withoutFacility = ([, number]: Numbers): Numbers => [null, number]

const SITE: readonly Numbers[] = [
  [118n, 1603n],
  [118n, 4567n],
  [118n, 61234n],
]
/** What was learnt, short: each setting with its facility code, and whether there are others. */
function said(samples: readonly Sample[]): string {
  const learned = learnFormat(samples)
  if (!learned.ok) return learned.failure
  const { value } = learned
  if (value.kind === 'none') return 'none'
  return (value.kind === 'one' ? [value.found] : value.found).map(wordsOf).join(' or ')
}

function wordsOf({ setting, facility }: Extract<Learned, { kind: 'one' }>['found']): string {
  const format = setting.kind === 'format' ? setting.format : setting.card.format
  const name =
    typeof format === 'string'
      ? format
      : `own ${format.bits} ${format.facility ? `${format.facility.from}-${format.facility.to}` : ''}/${format.number.from}-${format.number.to} ${format.parity.map(({ at }) => at)}`
  const { base, bitCount, reversed } = setting.kind === 'card' ? setting.card : {}
  const text = setting.kind === 'card' ? ` ${base} ${bitCount}${reversed ? ' reversed' : ''}` : ''
  return `${name}${text}${facility === null ? '' : ` facility ${facility}`}`
}

describe('bits', () => {
  test.each(WIEGAND_NAMES)('%s with its facility code is found, and nothing else', format => {
    const { facility, number } = layoutOf(format)
    const numbers = [1n, 3n, 7n].map((part): Numbers => [facility && 101n, (mostOf(number) * part) / 11n + part])
    expect(said(cards(format, numbers))).toBe(`${format}${facility ? ' facility 101' : ''}`)
  })

  test('a facility code that is not printed is found', () => {
    expect(said(cards('h10301', SITE, withoutFacility))).toBe('h10301 facility 118')
  })

  test('37 bits without a facility code could be two formats, and a larger number tells', () => {
    const low = cards('h10302', [
      [null, 1337n],
      [null, 4567n],
      [null, 123456n],
    ])
    expect(said(low)).toBe('h10302 or h10304 facility 0')
    const learned = learnFormat(low)
    expect(learned.ok && learned.value.kind === 'several' && learned.value.next).toEqual([
      'A card numbered above 524287 tells: h10304 has no such number.',
      'The facility code of the cards tells: h10302 has none.',
    ])
    expect(said([...low, ...cards('h10302', [[null, 600_000n]])])).toBe('h10302')
  })

  test('34 bits of another layout are not taken for the format that has a name', () => {
    expect(
      said(
        cards(BQT34, [
          [101n, 1337n],
          [101n, 70_000n],
          [101n, 2_345_678n],
        ]),
      ),
    ).toBe('own 34 1-8/9-32 0,33 facility 101')
  })

  test('a layout of its own is found with no facility code printed, as far as the bits tell', () => {
    const own = CustomFormat.parse({ bits: 40, facility: { from: 0, to: 15 }, number: { from: 16, to: 39 } })
    const learned = learnFormat(
      cards(
        own,
        [
          [4660n, 16_000_001n],
          [4660n, 9_000_007n],
          [4660n, 12_345_678n],
        ],
        withoutFacility,
      ),
    )
    expect(learned.ok && learned.value).toEqual({
      kind: 'one',
      found: {
        setting: { kind: 'format', format: own },
        facility: '4660',
        parity: 'none',
        notes: [
          'No usual parity holds on every card, so that none is checked.',
          'Where the number begins is a guess: a card numbered above 16777215 would tell.',
          'What bits 0 to 15 say is the same on every card; that this is the facility code is a guess.',
        ],
      },
    })
  })

  test('a number in the middle of 56 bits is found, and that its beginning is a guess is said', () => {
    const own = CustomFormat.parse({
      bits: 56,
      facility: { from: 1, to: 20 },
      number: { from: 21, to: 54 },
      parity: [
        { at: 0, kind: 'even', over: '0-27' },
        { at: 55, kind: 'odd', over: '28-55' },
      ],
    })
    const learned = learnFormat(
      cards(
        own,
        [
          [777n, 30_001n],
          [777n, 31_007n],
          [777n, 45_678n],
        ],
        withoutFacility,
      ),
    )
    const found = learned.ok && learned.value.kind === 'one' ? learned.value.found : null
    expect(found && wordsOf(found)).toBe('own 56 1-38/39-54 0,55 facility 203685888')
    expect(found?.parity).toBe('guessed')
    expect(found?.notes).toContain('The parity is a guess that held on 3 cards: by chance it does once in 64.')
    expect(found?.notes).toContain('Where the number begins is a guess: a card numbered above 65535 would tell.')
  })

  test('the whole of a UID is raw', () => {
    const uids = [0xdeadbeefn, 0x04a1b2c3n, 0x7f00ff01n]
    expect(said(uids.map(uid => seenBits(frameOf(uid.toString(2).padStart(32, '0')), [null, uid])))).toBe('raw')
  })
})

describe('text', () => {
  const EM = [0x01000734e0n, 0x62e3086cedn, 0x13005d1da5n]
  const hex = (value: bigint, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0')
  const low32 = (value: bigint): Numbers => [null, value & 0xffffffffn]
  const facilityAndNumber = (value: bigint): Numbers => [(value >> 16n) & 0xffn, value & 0xffffn]
  const backwards = (text: string) => text.match(/../g)!.reverse().join('')

  test.each([
    ['ten digits printed in decimal', EM.map(card => seenText(hex(card, 10), low32(card))), 'em4100 hex 40'],
    ['072,09186 printed', EM.map(card => seenText(hex(card, 10), facilityAndNumber(card))), 'em4100 hex 40'],
    ['five digits printed', EM.map(card => seenText(hex(card, 10), [null, card & 0xffffn])), 'em4100 hex 40'],
    ['the last byte first', EM.map(card => seenText(backwards(hex(card, 10)), low32(card))), 'em4100 hex 40 reversed'],
    [
      '40 bits typed in decimal',
      EM.map(card => seenText(card.toString().padStart(13, '0'), low32(card))),
      'em4100 decimal 40',
    ],
  ])('EM4100, %s', (_, samples, expected) => {
    expect(said(samples)).toBe(expected)
  })

  test('ten decimal digits are a UID or a 125 kHz card cut short, and only the card itself tells', () => {
    const numbers = EM.map(card => card & 0xffffffffn)
    const samples = numbers.map(number => seenText(number.toString().padStart(10, '0'), [null, number]))
    expect(said(samples)).toBe('iso14443a decimal 32 or raw decimal 32')
    const learned = learnFormat(samples)
    expect(learned.ok && learned.value.kind === 'several' && learned.value.next[0]).toMatch(
      /^The cards themselves tell/,
    )
  })

  test('UIDs of seven bytes, and identifiers of ISO 15693', () => {
    const seven = [0x04a1b2c3d4e5f6n, 0x0499887766554n, 0x04123456789abcn]
    expect(said(seven.map(uid => seenText(hex(uid, 14), [null, uid])))).toBe('iso14443a hex 56')
    const tags = [0xe004010012345678n, 0xe0040150aabbccddn, 0xe00401007f00ff01n]
    expect(said(tags.map(tag => seenText(hex(tag, 16), [null, tag])))).toBe('iso15693 hex 64')
  })

  test.each([
    [
      'facility code and number alone, as a WIE232-A types them',
      SITE.map(of => seenText(cardOfBits(frame('h10301', of), 'h10301').card.bits.toUpperCase(), of)),
      'h10301 hex 24 facility 118',
    ],
    [
      'a whole frame of 26 bits in seven digits',
      SITE.map(of => seenText(hex(BigInt(`0b${binaryOf(frame('h10301', of))}`), 7), of)),
      'h10301 hex 26 facility 118',
    ],
    [
      'a whole frame of 37 bits in whole bytes',
      SITE.map(of => seenText(hex(BigInt(`0b${binaryOf(frame('h10304', of))}`), 10), of)),
      'h10304 hex 37 facility 118',
    ],
  ])('%s', (_, samples, expected) => {
    expect(said(samples).split(' or ')[0]).toBe(expected)
  })

  test('facility code and number in ten decimal digits, as an S4A types them, are 24 bits or 32', () => {
    const ten = (of: Numbers) =>
      BigInt(`0x${cardOfBits(frame('h10301', of), 'h10301').card.bits}`)
        .toString()
        .padStart(10, '0')
    const samples = SITE.map(of => seenText(ten(of), of))
    expect(said(samples)).toBe('h10306 decimal 32 facility 118 or h10301 decimal 24 facility 118')
    const learned = learnFormat(samples)
    expect(learned.ok && learned.value.kind === 'several' && learned.value.next).toEqual([
      'A facility code above 255 tells: h10301 has no such code.',
      'The card’s box tells: it names the format, or its bits, 34 or 26.',
    ])
  })

  test('26 bits left-justified in eight digits, as a TWN3 sends them, are 32 bits of a layout of their own', () => {
    const samples = SITE.map(of => seenText(frame('h10301', of).bits, of))
    expect(said(samples)).toBe('own 32 1-8/9-24  hex 32 facility 118')
  })
})

describe('nothing that fits', () => {
  const why = (samples: readonly Sample[]) => {
    const learned = learnFormat(samples)
    return learned.ok && learned.value.kind === 'none' ? learned.value.why : []
  }

  test('one number that was typed wrongly is pointed at', () => {
    const samples = [...cards('h10301', SITE), seenBits(frame('h10301', [118n, 777n]), [118n, 778n])]
    expect(why(samples)).toEqual([
      'All cards but number 118:778 are h10301: look again at what is printed on that one, or leave it out.',
    ])
  })

  test('wires that are swapped are', () => {
    const swapped = SITE.map(of => {
      const turned = Array.from(binaryOf(frame('h10301', of)), bit => (bit === '0' ? '1' : '0')).join('')
      return seenBits(frameOf(turned), of)
    })
    expect(why(swapped)).toEqual(['With every bit turned over the cards are h10301: the wires D0 and D1 are swapped.'])
  })

  test('a reader that sends the last bit first is', () => {
    const backwards = SITE.map(of => seenBits(frameOf([...binaryOf(frame('h10301', of))].reverse().join('')), of))
    expect(why(backwards)).toEqual([
      'Read from the last bit to the first the cards are h10301: the reader must be set to send the first bit first.',
    ])
  })

  test('numbers of the seller are called that, with what the nearest format makes of the bits', () => {
    const sold = cards('h10301', SITE, ([, number]) => [null, (number * 7919n) % 65_521n])
    expect(why(sold)[0]).toBe('As h10301, card 48604 says number 1603.')
    expect(why(sold).at(-1)).toMatch(/^No run of bits says the printed numbers/)
  })
})

test.each([
  ['two cards', 'too_few', cards('h10301', SITE.slice(0, 2))],
  ['one card three times', 'same_card', cards('h10301', [SITE[0]!, SITE[0]!, SITE[0]!])],
  [
    'one card with two numbers',
    'two_numbers',
    [...cards('h10301', SITE), seenBits(frame('h10301', SITE[0]!), [118n, 1n])],
  ],
  ['26 and 34 bits', 'bit_counts', [...cards('h10301', SITE), ...cards('h10306', SITE.slice(0, 1))]],
  ['bits and text', 'mixed', [...cards('h10301', SITE), seenText('7B11D7', SITE[0]!)]],
  [
    '21 cards',
    'too_many',
    cards(
      'h10301',
      Array.from({ length: 21 }, (_, at): Numbers => [1n, BigInt(at)]),
    ),
  ],
  ['a code', 'malformed', SITE.map(of => seenText('GH1:AB', of))],
  ['too few bytes', 'malformed', SITE.map(of => seenBits({ bitCount: 26, bits: 'bd88eb' }, of))],
] as const)('%s: %s', (_, failure, samples) => {
  expect(said(samples)).toBe(failure)
})

test('whatever was learnt reads every card that it was learnt from', () => {
  const field = fc.bigInt(0n, (1n << 16n) - 1n)
  const numbers = fc.uniqueArray(fc.tuple(fc.constant(5n), field), {
    minLength: 3,
    maxLength: 8,
    selector: ([, number]) => number,
  })
  fc.assert(
    fc.property(
      fc.constantFrom<WiegandName | CustomFormat>('h10301', 'h10306', 'h10304', 'c1k35s', 'c1k48s', 'd10202', BQT34),
      numbers,
      fc.boolean(),
      (format, of, isText) => {
        const samples = of.map(one => {
          const made = frame(format, one)
          const digits = Math.ceil(made.bitCount / 4)
          return isText
            ? seenText(
                BigInt(`0b${binaryOf(made)}`)
                  .toString(16)
                  .padStart(digits, '0'),
                one,
              )
            : seenBits(made, one)
        })
        const learned = learnFormat(samples)
        if (!learned.ok) throw new Error(learned.failure)
        if (learned.value.kind === 'none') throw new Error(learned.value.why.join(' '))
        const found = learned.value.kind === 'one' ? [learned.value.found] : learned.value.found
        for (const { setting } of found) {
          const own = setting.kind === 'format' ? setting.format : setting.card.format
          if (typeof own === 'object') expect(customFormatMistakes(own)).toEqual([])
          for (const { seen } of samples) {
            const read =
              seen.kind === 'text' && setting.kind === 'card'
                ? readCardText(seen.text, setting.card)
                : seen.kind === 'bits' && setting.kind === 'format'
                  ? cardOfBits(seen, setting.format)
                  : null
            expect(read?.kind).toBe('card')
          }
        }
      },
    ),
  )
})

test('no samples make it throw', () => {
  const seen = fc.oneof(
    fc.record({ kind: fc.constant('text' as const), text: fc.stringMatching(/^[0-9a-f]{1,42}$/) }),
    fc.record({
      kind: fc.constant('bits' as const),
      bitCount: fc.constantFrom(26, 64, 128),
      bits: fc.stringMatching(/^[0-9a-f]{8,32}$/),
    }),
  )
  const printed = fc.record({ facility: fc.option(fc.bigInt(0n, 999n)), number: fc.bigInt(0n, 1n << 20n) })
  fc.assert(
    fc.property(fc.array(fc.record({ seen, printed }), { maxLength: 22 }), samples => {
      learnFormat(samples)
    }),
  )
})
