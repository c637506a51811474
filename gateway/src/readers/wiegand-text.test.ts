import { describe, expect, test } from 'vitest'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, decode } from '../testing/decode.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { s4aDecoder } from './s4a.ts'
import { twn3Decoder } from './twn3.ts'
import { wie232Decoder } from './wie232.ts'

describe('WIE232', () => {
  const read = (...chunks: (Uint8Array | string)[]) => decode(wie232Decoder(), chunks)

  test('six digits are facility and number of a Wiegand 26 card', () => {
    expect(read('7B11D7\r7b11d7\r')).toEqual({ scans: ['h10301 7b11d7', 'h10301 7b11d7'], dropped: [], answers: [] })
  })

  test('a card comes whole, however it was cut', () => {
    for (const chunks of awkwardly(Buffer.from('7B11D7\r'))) expect(read(...chunks).scans).toEqual(['h10301 7b11d7'])
  })

  test('other lines are none', () => {
    expect(read('7B11D\r7B11D7A\r7B11G7\r', '000000\r').dropped).toEqual(['length', 'length', 'not_hex'])
  })

  test('1 MB without an end holds nothing, and the next card is read', () => {
    expect(read(new Uint8Array(1_000_000).fill(0x41), '\r7B11D7\r').scans).toEqual(['h10301 7b11d7'])
  })

  test('the published card 123/4567, from its Wiegand bits', async () => {
    const { present, pass, scans } = conversation({ family: 'wie232' })
    present({ card: 'BD88EB80/26' })
    await pass(20)
    expect(scans).toEqual(['h10301 7b11d7'])
  })
})

describe('TWN3', () => {
  const read = (...chunks: (Uint8Array | string)[]) => decode(twn3Decoder({ format: 'h10301' }), chunks)
  const published = protocolVectors.twn3wiegandAscii.line.replace('\\r', '\r')

  test('the published line is facility 1, number 3', () => {
    expect(read(published)).toEqual({ scans: ['h10301 010003'], dropped: [], answers: [] })
  })

  test('a card comes whole, however it was cut', () => {
    for (const chunks of awkwardly(Buffer.from(published))) expect(read(...chunks).scans).toEqual(['h10301 010003'])
  })

  test('no single wrong bit of a digit is another card', () => {
    for (let at = 2; at < published.length - 1; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Buffer.from(published)
        wrong[at]! ^= 1 << bit
        const others = read(wrong).scans.filter(card => !card.startsWith('misread') && card !== 'h10301 010003')
        // One digit is at most one bit of each half: where two change, both may be in one half. That is a known limit of parity.
        expect(others.every(() => bitsOf(wrong[at]!, published.charCodeAt(at)) === 2)).toBe(true)
      }
    }
  })

  test('the tail of a line that lost its beginning is no card', () => {
    const raw = decode(twn3Decoder({ format: 'raw' }), ['01C0\r', published])
    expect(raw).toEqual({ scans: ['raw 808001c0/26'], dropped: ['length'], answers: [] })
  })

  test('a card of another length is misread, with all its bits', () => {
    expect(read('2282696EEA80\r').scans).toEqual(['misread raw 82696eea80/34'])
  })

  test('other lines are none', () => {
    expect(read('1A808001\r1A808001C000\r00\rFF\rhello\r1A8\r').dropped).toEqual([
      'length',
      'length',
      'length',
      'length',
      'not_hex',
      'not_hex',
    ])
  })

  test('1 MB without an end holds nothing, and the next card is read', () => {
    expect(read(new Uint8Array(1_000_000).fill(0x41), `\r${published}`).scans).toEqual(['h10301 010003'])
  })

  test('the published card 123/4567, from its Wiegand bits', async () => {
    const { present, pass, scans } = conversation({ family: 'twn3', format: 'h10301' })
    present({ card: 'BD88EB80/26' })
    await pass(20)
    expect(scans).toEqual(['h10301 7b11d7'])
  })
})

/** In how many bits two hexadecimal digits differ. */
function bitsOf(one: number, other: number): number {
  const value = (digit: number) => Number.parseInt(String.fromCharCode(digit), 16)
  return (value(one) ^ value(other)).toString(2).replaceAll('0', '').length
}

describe('S4A', () => {
  const read = (bits: 24 | 32, ...chunks: (Uint8Array | string)[]) => decode(s4aDecoder({ bits }), chunks)

  test('ten digits are 24 bits of a Wiegand 26 card or 32 of a Wiegand 34', () => {
    expect(read(24, '0008065495\r\n').scans).toEqual(['h10301 7b11d7'])
    expect(read(32, '4294967295\r\n').scans).toEqual(['h10306 ffffffff'])
    expect(read(24, '0000000001\r\n').scans).toEqual(['h10301 000001'])
  })

  test('a card comes whole, however it was cut, and with its bytes 25 ms apart', () => {
    for (const chunks of awkwardly(Buffer.from('0008065495\r\n')))
      expect(decode(s4aDecoder({ bits: 24 }), chunks, 25).scans).toEqual(['h10301 7b11d7'])
  })

  test('a number of more bits than the card has is dropped', () => {
    expect(read(24, '0016777215\r\n0016777216\r\n')).toEqual({
      scans: ['h10301 ffffff'],
      dropped: ['range'],
      answers: [],
    })
    expect(read(32, '4294967296\r\n')).toEqual({ scans: [], dropped: ['range'], answers: [] })
  })

  test('keys between cards are none of a card', () => {
    const keys = decode(s4aDecoder({ bits: 24 }), ['1', '2', '0008065495\r\n', '3', ''], 100)
    expect(keys).toEqual({ scans: ['h10301 7b11d7'], dropped: ['key', 'key', 'key'], answers: [] })
  })

  test('ten keys in turn are no card', () => {
    expect(decode(s4aDecoder({ bits: 24 }), [...'0008065495', '\r\n'], 100).scans).toEqual([])
  })

  test('other lines are none', () => {
    expect(read(24, '008065495\r\n00008065495\r\n000806549x\r\n').dropped).toEqual(['length', 'length', 'not_decimal'])
  })

  test('1 MB without an end holds nothing, and the next card is read', () => {
    expect(read(24, new Uint8Array(1_000_000).fill(0x30), '\r\n0008065495\r\n').scans).toEqual(['h10301 7b11d7'])
  })

  test.each([
    [24, 'BD88EB80/26', 'h10301 7b11d7'],
    [32, '82696eea80/34', 'h10306 04d2ddd5'],
  ])('the published card of %i bits, from its Wiegand bits', async (bits, card, words) => {
    const { present, pass, scans } = conversation({ family: 's4a', bits })
    present({ card })
    await pass(20)
    expect(scans).toEqual([words])
  })
})
