import decodeQR from 'qr/decode.js'
import { expect, test } from 'vitest'
import { qrPath } from './qr-code.tsx'

/** A pass as a gate reads it: 226 digits. */
const digits = Array.from({ length: 226 }, (_, at) => String((at * 7 + 3) % 10)).join('')

const SCALE = 4

test('the code drawn is read back as the same digits', () => {
  const { path, modules } = qrPath(digits)
  const side = modules * SCALE
  const data = new Uint8ClampedArray(side * side * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) paint(data, side, Number(x), Number(y))
  expect(decodeQR({ width: side, height: side, data })).toBe(digits)
})

test('a pass is 41 modules wide with four of white on each side: digits go as digits, correction M', () => {
  const { path, modules } = qrPath(digits)
  expect(modules).toBe(41 + 2 * 4)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) {
    expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(4)
    expect(Math.max(Number(x), Number(y))).toBeLessThan(45)
  }
})

function paint(data: Uint8ClampedArray, side: number, x: number, y: number) {
  for (let dy = 0; dy < SCALE; dy++) {
    for (let dx = 0; dx < SCALE; dx++) {
      const at = ((y * SCALE + dy) * side + x * SCALE + dx) * 4
      data[at] = data[at + 1] = data[at + 2] = 0
    }
  }
}
