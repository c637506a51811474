import { describe, expect, test } from 'vitest'
import { conversation } from '../testing/conversation.ts'
import { awkwardly, decode } from '../testing/decode.ts'
import { familyOf } from './families.ts'
import { keypadDecoder } from './keypad.ts'

const made = () => keypadDecoder({ digitsMin: 4, digitsMax: 8 })
const read = (...chunks: (Uint8Array | string)[]) => decode(made(), chunks)
const pin = (digits: string) => `pin ${Buffer.from(digits).toString('hex')}`

describe('a keypad', () => {
  test.each([
    ['# ends', '1234#', '1234'],
    ['CR ends', '1234\r', '1234'],
    ['LF ends', '1234\n', '1234'],
    ['* clears', '99*1234#', '1234'],
    ['ESC clears', '99\x1b1234#', '1234'],
    ['BS clears', '99\b1234#', '1234'],
    ['a key of no meaning is none', '1A2B34#', '1234'],
    ['zeros count', '0000#', '0000'],
    ['the longest', '12345678#', '12345678'],
  ])('%s', (_name, keys, digits) => {
    expect(read(keys)).toEqual({ scans: [pin(digits)], dropped: [], answers: [] })
  })

  test('4-bit keys are digits, ten clears and eleven ends', () => {
    expect(read(Uint8Array.of(7, 0x0a, 8, 0, 0, 9, 0x0b)).scans).toEqual([pin('8009')])
  })

  test('8-bit keys are digits whose high half is the low half inverted', () => {
    const keys = [0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87]
    expect(read(Uint8Array.of(0x78, 0x5a, ...keys, 0x4b, 0x78, 0x69, 0x78, 0x69, 0x4b)).scans).toEqual([
      pin('01234567'),
      pin('8989'),
    ])
  })

  test('08 is the key 8 until an ASCII digit shows that it is BS', () => {
    expect(read(Uint8Array.of(8), '12\b3456#').scans).toEqual([pin('3456')])
  })

  test('a byte of the other kind among digits spoils them all, and the next PIN is read', () => {
    expect(read('12', Uint8Array.of(0), '3456#1234#')).toEqual({
      scans: [pin('1234')],
      dropped: ['mixed'],
      answers: [],
    })
    expect(read(Uint8Array.of(1, 2, 0x31, 3, 4, 5, 6, 0x0b)).scans).toEqual([])
  })

  test('a PIN comes whole, however its keys were cut', () => {
    for (const chunks of awkwardly(Buffer.from('12*12345#'))) expect(read(...chunks).scans).toEqual([pin('12345')])
  })

  test('too few digits are none, and no reason names them', () => {
    expect(read('123#')).toEqual({ scans: [], dropped: ['length'], answers: [] })
  })

  test('too many digits are none, nor are their last ones, and the next PIN is read', () => {
    expect(read('123456789#1234#')).toEqual({ scans: [pin('1234')], dropped: ['length'], answers: [] })
    expect(read('12345678', '91234#')).toEqual({ scans: [], dropped: ['length'], answers: [] })
  })

  test('five seconds of silence forget what was pressed', () => {
    const slowly = (msApart: number) => decode(made(), ['12', '34#'], msApart)
    expect(slowly(4_999).scans).toEqual([pin('1234')])
    expect(slowly(5_000)).toEqual({ scans: [], dropped: ['silence', 'length'], answers: [] })
  })

  test('silence is also noticed when nobody asked in time', () => {
    const decoder = made()
    decoder.take(Buffer.from('12'), 0)
    expect(decoder.take(Buffer.from('34#'), 5_000)).toEqual([
      { kind: 'dropped', why: 'silence' },
      { kind: 'dropped', why: 'length' },
    ])
  })

  test('an end alone is nobody', () => {
    expect(read('#\r\n#').dropped).toEqual([])
  })

  test('1 MB of digits holds nothing, and the next PIN is read', () => {
    expect(read(new Uint8Array(1_000_000).fill(0x35), '#4321#').scans).toEqual([pin('4321')])
  })

  test('the same PIN twice is two persons', async () => {
    const { present, pass, scans } = conversation({ family: 'keypad' })
    present({ pin: '2468' })
    present({ pin: '2468' })
    await pass(20)
    expect(scans).toEqual([pin('2468'), pin('2468')])
    expect(
      familyOf({ family: 'keypad', id: 'k', port: { kind: 'tcp', host: 'x', port: 1 }, digitsMin: 4, digitsMax: 8 })
        .reads,
    ).toBe('pin')
  })
})
