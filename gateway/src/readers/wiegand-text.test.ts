import { describe, expect, test } from 'vitest'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, decode } from '../testing/decode.ts'
import { s4aDecoder } from './s4a.ts'
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
