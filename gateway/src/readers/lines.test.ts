import { describe, expect, test } from 'vitest'
import { chunksOf, collect } from '../testing/memory-port.ts'
import { lines } from './lines.ts'

const read = (...chunks: (Uint8Array | string)[]) => collect(lines(chunksOf(...chunks), 512))

describe('lines', () => {
  test('CR, LF and CR LF each end a line', async () => {
    expect(await read('one\rtwo\nthree\r\nfour\n')).toEqual(['one', 'two', 'three', 'four'])
  })

  test('a line comes whole, however it was cut', async () => {
    expect(await read('1', '57', '', '58\r', '\n9', '\r\n')).toEqual(['15758', '9'])
  })

  test('a code of 512 bytes is read, and one of 513 is dropped whole', async () => {
    const longest = '1'.repeat(512)
    expect(await read(`${longest}\r\n${longest}2\r\nnext\r\n`)).toEqual([longest, 'next'])
  })

  test('nothing after an over-long line is taken for its tail', async () => {
    expect(await read('x'.repeat(300), 'x'.repeat(300), '226\r\n', 'next\r\n')).toEqual(['next'])
  })

  test('half a line at a hang-up is no line', async () => {
    expect(await read('whole\r\nhal')).toEqual(['whole'])
  })

  test('bytes beyond ASCII stay one character each', async () => {
    expect(await read(Uint8Array.of(0xc3, 0xa9, 0x0d))).toEqual(['\u00c3\u00a9'])
  })

  test('16 MiB without an end hold no memory, and the next code is read', async () => {
    async function* noise() {
      const chunk = new Uint8Array(64 * 1024).fill(0x78)
      for (let sent = 0; sent < 256; sent++) yield chunk
      yield Buffer.from('\r\nnext\r\n')
    }
    expect(await collect(lines(noise(), 512))).toEqual(['next'])
  })
})
