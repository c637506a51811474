import { describe, expect, test } from 'vitest'
import { HardwareConfig } from './hardware-config.ts'

const door = { family: 'lcus', channel: 1, port: { kind: 'tcp', host: 'relay', port: 1 } }
const mistakesOf = (reader: Record<string, unknown>) => {
  const port = { kind: 'tcp', host: 'reader', port: 1 }
  const read = HardwareConfig.safeParse({
    boards: [],
    lanes: [
      { lane: 'in', name: 'In', direction: 'in', groups: [0], readers: [{ id: 'reader', port, ...reader }], door },
    ],
  })
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.slice(4).join('.')}: ${message}`)
}

describe('what a reader is told', () => {
  test('to read cards without which', () => {
    expect(mistakesOf({ family: 'line', reads: 'card' })).toEqual([
      'card: reader reader reads cards: say which card its text is',
    ])
    const card = { base: 'decimal', bitCount: 24, format: 'h10301' }
    expect(mistakesOf({ family: 'line', reads: 'card', card })).toEqual([])
  })

  test('a PIN of no length', () => {
    expect(mistakesOf({ family: 'keypad', digitsMin: 9, digitsMax: 8 })).toEqual([
      'digitsMin: a PIN of at least 9 and at most 8 digits is none',
    ])
    expect(mistakesOf({ family: 'keypad', digitsMin: 8, digitsMax: 8 })).toEqual([])
  })
})
