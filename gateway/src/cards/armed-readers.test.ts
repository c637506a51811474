import { expect, test } from 'vitest'
import { type Arming, armedReaders } from './armed-readers.ts'

const IN = { lane: 'in', reader: 'card' }
const sealTo: Arming['sealTo'] = { kid: 'k', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
const arming = (command: string, untilMs: number): Arming => ({ command, sealTo, untilMs })

test('a reader that nobody armed waits for nothing', () => {
  expect(armedReaders().at(IN, 0)).toBeNull()
})

test('an arming ends with its last millisecond', () => {
  const armed = armedReaders()
  armed.arm(IN, arming('a', 60_000))
  expect(armed.at(IN, 59_999)?.command).toBe('a')
  expect(armed.at(IN, 60_000)).toBeNull()
})

test('arming again prolongs, and the newer command is the one that is answered', () => {
  const armed = armedReaders()
  armed.arm(IN, arming('a', 60_000))
  armed.arm(IN, arming('b', 90_000))
  expect(armed.at(IN, 60_000)?.command).toBe('b')
})

test('readers of the same name in two lanes, and two in one lane, are armed by themselves', () => {
  const armed = armedReaders()
  armed.arm(IN, arming('a', 60_000))
  armed.arm({ lane: 'out', reader: 'card' }, arming('b', 60_000))
  expect(armed.at({ lane: 'in', reader: 'other' }, 0)).toBeNull()
  armed.disarm(IN)
  expect(armed.at(IN, 0)).toBeNull()
  expect(armed.at({ lane: 'out', reader: 'card' }, 0)?.command).toBe('b')
})
