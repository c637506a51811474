import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CustomFormat, WIEGAND_NAMES, type WiegandName } from '../wire/hardware/card-format.ts'
import { binaryOf, frameOf } from './bits.ts'
import { layoutOf } from './formats.ts'
import { decodeFrame, encodeFrame, mostOf } from './frame.ts'

type Vector = {
  readonly format: string
  readonly bits: number
  readonly fc: number
  readonly cn: string
  readonly binary: string
  readonly leftJustified: string
}

const VECTORS = (
  JSON.parse(readFileSync(new URL('../../vectors/protocols.json', import.meta.url), 'utf8')) as {
    readonly wiegand: readonly Vector[]
  }
).wiegand

/** Formats of proxmark3 that have no name here, as an installer writes them. */
const BQT34 = CustomFormat.parse({
  bits: 34,
  facility: { from: 1, to: 8 },
  number: { from: 9, to: 32 },
  parity: [
    { at: 0, kind: 'even', over: '0-16' },
    { at: 33, kind: 'odd', over: '17-33' },
  ],
})
const WIE32 = CustomFormat.parse({ bits: 32, facility: { from: 4, to: 15 }, number: { from: 16, to: 31 } })
const VERKADA40 = CustomFormat.parse({
  bits: 40,
  facility: { from: 1, to: 10 },
  number: { from: 11, to: 38 },
  parity: [
    { at: 0, kind: 'even', over: '0-19' },
    { at: 39, kind: 'even', over: '20-39' },
  ],
})

const FORMATS: Readonly<Record<string, WiegandName | CustomFormat>> = {
  ...Object.fromEntries(WIEGAND_NAMES.map(name => [name.toUpperCase(), name])),
  N10002: 'h10306',
  C1K35S: 'c1k35s',
  BQT34,
  WIE32,
}

const formatOf = (name: string) => FORMATS[name.toUpperCase()]!
const numbersOf = ({ format, fc, cn }: Vector) => ({
  facility: layoutOf(formatOf(format)).facility === null ? null : BigInt(fc),
  number: BigInt(cn),
})

test('there are twenty golden frames, and one at least of every format with a name', () => {
  expect(VECTORS).toHaveLength(20)
  expect(new Set(VECTORS.map(({ format }) => formatOf(format)))).toEqual(new Set([...WIEGAND_NAMES, BQT34, WIE32]))
})

for (const vector of VECTORS) {
  const { format, fc, cn, bits, leftJustified, binary } = vector
  describe(`${format} ${fc}/${cn}`, () => {
    test('is these bits', () => {
      expect(encodeFrame(numbersOf(vector), formatOf(format))).toEqual({
        ok: true,
        value: { bitCount: bits, bits: leftJustified },
      })
    })

    test('and back', () => {
      expect(decodeFrame({ bitCount: bits, bits: leftJustified }, formatOf(format))).toEqual({
        ok: true,
        value: numbersOf(vector),
      })
    })

    test('with any bit turned over is a parity failure, where there is parity', () => {
      const seen = Array.from(binary, (bit, at) =>
        decodeFrame(frameOf(binary.slice(0, at) + (bit === '1' ? '0' : '1') + binary.slice(at + 1)), formatOf(format)),
      )
      if (format === 'WIE32') expect(seen.every(decoded => decoded.ok)).toBe(true)
      else expect(seen.map(decoded => (decoded.ok ? 'read' : decoded.failure))).toEqual(Array(bits).fill('parity'))
    })
  })
}

/** Facility code and number, and the bits left-justified: printed by others, or worked out from them by independent code. */
const PUBLISHED: readonly (readonly [WiegandName | CustomFormat, bigint | null, bigint, string])[] = [
  ['h10301', 1n, 1n, '80800080'],
  ['h10301', 123n, 4567n, 'bd88eb80'],
  ['h10301', 101n, 1337n, '32829cc0'],
  ['h10301', 118n, 1603n, 'bb032180'],
  ['h10301', 224n, 1337n, 'f0029cc0'],
  ['h10301', 65n, 29334n, 'a0b94b00'],
  ['h10301', 255n, 65535n, '7fffffc0'],
  ['h10306', 101n, 1337n, '0032829cc0'],
  ['h10306', 65535n, 65535n, '7fffffffc0'],
  ['h10302', null, 1n, '0000000010'],
  ['h10302', null, 1234567890n, '8499602d28'],
  ['h10304', 1n, 1n, '8000800010'],
  ['h10304', 1234n, 123456n, '82691e2408'],
  ['c1k35s', 101n, 1337n, '0194014e60'],
  ['c1k35s', 4095n, 1048575n, 'bfffffffc0'],
  ['c1k48s', 1n, 1n, '400001000002'],
  ['c1k48s', 42069n, 42069n, '00a4550148ab'],
  // proxmark3 tools/pm3_tests.sh: Pyramid 123/11223 is 2f657ae, right-aligned; Verkada as they are.
  ['h10301', 123n, 11223n, 'bd95eb80'],
  [VERKADA40, 50n, 1001n, '86400007d3'],
  [VERKADA40, 50n, 1004n, '86400007d9'],
  [VERKADA40, 81n, 5008n, '8a20002721'],
]

test.each(PUBLISHED)('published: %o %s/%s is %s', (format, facility, number, bits) => {
  const frame = { bitCount: layoutOf(format).bits, bits }
  expect(encodeFrame({ facility, number }, format)).toEqual({ ok: true, value: frame })
  expect(decodeFrame(frame, format)).toEqual({ ok: true, value: { facility, number } })
})

test.each([
  ['h10301', 0, [0]],
  ['h10301', 12, [0]],
  ['h10301', 13, [25]],
  ['d10202', 16, [0, 32]],
  ['h10302', 18, [0, 36]],
  ['c1k35s', 0, [0]],
  ['c1k35s', 1, [0, 1, 34]],
  ['c1k35s', 3, [0, 1]],
  ['c1k35s', 4, [0, 34]],
  ['c1k48s', 2, [0, 47]],
  ['c1k48s', 46, [0, 1]],
] as const)('%s: bit %i turned over is told by the parity bits %o', (format, bit, at) => {
  const { facility } = layoutOf(format)
  const good = encodeFrame({ facility: facility && 5n, number: 1234n }, format)
  const binary = binaryOf((good as { value: { bitCount: number; bits: string } }).value)
  const flipped = binary.slice(0, bit) + (binary[bit] === '1' ? '0' : '1') + binary.slice(bit + 1)
  expect(decodeFrame(frameOf(flipped), format)).toEqual({ ok: false, failure: 'parity', at })
})

test.each([
  ['h10301', 256n, 1n, 'facility_out_of_range'],
  ['h10301', -1n, 1n, 'facility_out_of_range'],
  ['h10301', 1n, 65536n, 'number_out_of_range'],
  ['h10301', 1n, -1n, 'number_out_of_range'],
  ['h10301', null, 1n, 'facility_missing'],
  ['h10302', 0n, 1n, 'no_facility'],
  ['h10302', null, 1n << 35n, 'number_out_of_range'],
] as const)('%s %s/%s: %s', (format, facility, number, failure) => {
  expect(encodeFrame({ facility, number }, format)).toEqual({ ok: false, failure })
})

test('a frame of another length is none, whatever its parity', () => {
  expect(decodeFrame({ bitCount: 34, bits: '8000800080' }, 'h10301')).toEqual({ ok: false, failure: 'length' })
})

test('any numbers of any format come back from their frame', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...WIEGAND_NAMES),
      fc.bigInt(0n, 1n << 40n),
      fc.bigInt(0n, 1n << 40n),
      (format, a, b) => {
        const layout = layoutOf(format)
        const numbers = {
          facility: layout.facility && a % (mostOf(layout.facility) + 1n),
          number: b % (mostOf(layout.number) + 1n),
        }
        const frame = encodeFrame(numbers, format)
        expect(frame.ok && decodeFrame(frame.value, format)).toEqual({ ok: true, value: numbers })
      },
    ),
  )
})
