import { describe, expect, test } from 'vitest'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, decode, type Made } from '../testing/decode.ts'
import { type LineNeeds, lineDecoder } from './line.ts'

const line: LineNeeds = { reads: 'code', end: 'line', prefix: '', aimId: false }
const etx: LineNeeds = { ...line, end: 'etx' }
const gap: LineNeeds = { ...line, end: 'gap' }
const read = (needs: LineNeeds, ...chunks: (Uint8Array | string)[]) => decode(lineDecoder(needs), chunks)
/** Chunks with this much silence behind each. */
const paused = (msApart: number, ...chunks: (Uint8Array | string)[]): Made =>
  decode(lineDecoder(gap), [...chunks, ''], msApart)

describe('codes between STX and ETX', () => {
  test('a code comes whole, however it was cut', () => {
    for (const chunks of awkwardly(Buffer.from('\x021575\x03'))) expect(read(etx, ...chunks).scans).toEqual(['1575'])
  })

  test('a CR or LF in a code is part of it, and what is outside is none', () => {
    expect(read(etx, 'noise\r\n\x0215\r\n75\x03\r\n\x02next\x03').scans).toEqual(['15\r\n75', 'next'])
  })

  test('a STX in the middle begins anew, and a ETX alone ends nothing', () => {
    expect(read(etx, '\x0215\x021575\x0375\x03').scans).toEqual(['1575'])
  })

  test('a code of 512 bytes is read, and one of 513 is dropped whole', () => {
    const longest = '1'.repeat(512)
    expect(read(etx, `\x02${longest}\x03\x02${longest}2\x03\x02next\x03`)).toMatchObject({
      scans: [longest, 'next'],
      dropped: ['too_long'],
    })
  })

  test('1 MB after a STX holds nothing, and the next code is read', () => {
    expect(read(etx, '\x02', new Uint8Array(1_000_000).fill(0x41), '\x03\x02next\x03').scans).toEqual(['next'])
  })
})

describe('codes ended by silence', () => {
  test('50 ms end a code and 49 do not', () => {
    expect(paused(50, '15', '75').scans).toEqual(['15', '75'])
    expect(paused(49, '15', '75').scans).toEqual([])
    expect(decode(lineDecoder(gap), ['15', '75', '', ''], 49).scans).toEqual(['1575'])
  })

  test('a code comes whole, however it was cut', () => {
    for (const chunks of awkwardly(Buffer.from('1575')))
      expect(decode(lineDecoder(gap), [...chunks, '', ''], 40).scans).toEqual(['1575'])
  })

  test('silence is also noticed when nobody asked in time', () => {
    const decoder = lineDecoder(gap)
    decoder.take(Buffer.from('15'), 0)
    expect(decoder.take(Buffer.from('75'), 50)).toEqual([{ kind: 'scan', credential: { kind: 'code', text: '15' } }])
  })

  test('a line end at the end is taken off', () => {
    expect(paused(50, '1575\r\n').scans).toEqual(['1575'])
  })

  test('a code of more than 512 bytes is dropped whole', () => {
    expect(paused(50, '1'.repeat(513), 'next')).toMatchObject({ scans: ['next'], dropped: ['too_long'] })
  })

  test('1 MB without a pause holds nothing, and the next code is read', () => {
    expect(paused(50, new Uint8Array(1_000_000).fill(0x41), 'next').scans).toEqual(['next'])
  })
})

describe('what stands in front of a code', () => {
  test('a prefix is taken off, and what comes without it is dropped', () => {
    expect(read({ ...line, prefix: 'QR:' }, 'QR:1575\r1575\rqr:1575\rQR:\r')).toMatchObject({
      scans: ['1575'],
      dropped: ['prefix', 'prefix'],
    })
  })

  test('an AIM id stands behind the prefix', () => {
    expect(read({ ...line, prefix: 'QR:', aimId: true }, 'QR:]Q11575\r').scans).toEqual(['1575'])
    expect(read({ ...line, prefix: 'QR:' }, 'QR:]Q11575\r').scans).toEqual([']Q11575'])
  })
})

describe('number plates', () => {
  const plates = { ...line, reads: 'plate' } as const
  const plate = (letters: string) => `plate ${Buffer.from(letters).toString('hex')}`

  test('letters and digits in upper case, whatever is between', () => {
    expect(read(plates, 'ab-c 12·34\r').scans).toEqual([plate('ABC1234')])
  })

  test.each([
    ['A', []],
    ['A1', [plate('A1')]],
    ['A123456789012345', [plate('A123456789012345')]],
    ['A1234567890123456', []],
    ['- -', []],
  ])('%s', (text, scans) => {
    expect(read(plates, `${text}\r`).scans).toEqual(scans)
  })
})

describe('cards that a reader types', () => {
  const cards = (card: LineNeeds['card']) => ({ ...line, reads: 'card', card }) as const
  const wiegand26 = { base: 'decimal', bitCount: 24, reversed: false, format: 'h10301' } as const

  test('decimal digits of facility and number are the same card as its Wiegand bits', () => {
    expect(read(cards(wiegand26), '8065495\r').scans).toEqual(['h10301 7b11d7'])
  })

  test('hexadecimal digits, the last byte first', () => {
    const as = { base: 'hex', bitCount: 32, reversed: true, format: 'iso14443a' } as const
    expect(read(cards(as), 'EFBEADDE\r').scans).toEqual(['iso14443a deadbeef'])
  })

  test('a whole frame whose parity does not come out is misread, with all its bits', () => {
    const as = { base: 'hex', bitCount: 26, reversed: false, format: 'h10301' } as const
    expect(read(cards(as), '2F623AE\r2F623AF\r').scans).toEqual(['h10301 7b11d7', 'misread raw bd88ebc0/26'])
  })

  test('what is no number of so many bits is no card', () => {
    expect(read(cards(wiegand26), '16777216\r80654g5\r 8065495\r')).toMatchObject({
      scans: [],
      dropped: ['not_a_card', 'not_a_card', 'not_a_card'],
    })
  })
})

describe('a scanner and its simulation', () => {
  test.each([{ end: 'line' }, { end: 'etx', prefix: 'P', aimId: true }, { end: 'gap', prefix: '>>' }])(
    '%j',
    async settings => {
      const { present, pass, scans } = conversation({ family: 'line', ...settings })
      present({ qr: '1575' })
      await pass(60)
      present({ qr: 'next' })
      await pass(60)
      expect(scans).toEqual(['1575', 'next'])
    },
  )
})
