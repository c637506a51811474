import { describe, expect, test } from 'vitest'
import { lineSplitter } from './lines.ts'

function read(...chunks: (Uint8Array | string)[]): string[] {
  const split = lineSplitter(512)
  return chunks.flatMap(chunk => split(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk))
}

describe('lines', () => {
  test('CR, LF and CR LF each end a line', () => {
    expect(read('one\rtwo\nthree\r\nfour\n')).toEqual(['one', 'two', 'three', 'four'])
  })

  test('a line comes whole, however it was cut', () => {
    expect(read('1', '57', '', '58\r', '\n9', '\r\n')).toEqual(['15758', '9'])
  })

  test('a code of 512 bytes is read, and one of 513 is dropped whole', () => {
    const longest = '1'.repeat(512)
    expect(read(`${longest}\r\n${longest}2\r\nnext\r\n`)).toEqual([longest, 'next'])
  })

  test('nothing after an over-long line is taken for its tail', () => {
    expect(read('x'.repeat(300), 'x'.repeat(300), '226\r\n', 'next\r\n')).toEqual(['next'])
  })

  test('half a line at a hang-up is no line', () => {
    expect(read('whole\r\nhal')).toEqual(['whole'])
  })

  test('bytes beyond ASCII stay one character each', () => {
    expect(read(Uint8Array.of(0xc3, 0xa9, 0x0d))).toEqual(['\u00c3\u00a9'])
  })

  test('16 MiB without an end hold no memory, and the next code is read', () => {
    const chunk = new Uint8Array(64 * 1024).fill(0x78)
    expect(read(...Array.from({ length: 256 }, () => chunk), '\r\nnext\r\n')).toEqual(['next'])
  })
})
