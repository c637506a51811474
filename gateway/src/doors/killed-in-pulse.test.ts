import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { toHex } from '@gatehouse/shared/bytes.ts'
import { BoardConfig, type BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../devices/system-clock.ts'
import { boardDevice } from '../simulators/boards.ts'
import { tcpWire } from '../simulators/tcp-wire.ts'
import { handClock } from '../testing/hand-clock.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { fitDoors } from './fit-doors.ts'

const PULSE_MS = 3_000
const port = { kind: 'tcp', host: '127.0.0.1', port: 9 } as const

/** A board whose clock is in our hand, and the process of a gate that opened it and was killed at once. */
async function openedAndKilled(family: BoardFamily) {
  const clock = handClock()
  const heard: string[] = []
  let send = (_bytes: Uint8Array) => {}
  const device = boardDevice(BoardConfig.parse({ family, id: 'board', port }), { send: bytes => send(bytes), clock })
  const opened = Promise.withResolvers<void>()
  const changed = new EventTarget()
  device.onChange((_channel, energised) => {
    if (energised) opened.resolve()
    changed.dispatchEvent(new Event('change'))
  })
  const wire = await tcpWire({
    port: 0,
    onBytes(bytes) {
      heard.push(toHex(bytes))
      device.receive(bytes)
    },
  })
  send = bytes => wire.send(bytes)
  onTestFinished(() => wire.close())

  const hardware = {
    boards: [{ family, id: 'board', port: wire.port }],
    lanes: [
      {
        lane: 'main',
        name: 'Main',
        direction: 'in',
        groups: [0],
        readers: [{ id: 'qr', family: 'line', port }],
        door: { output: { board: 'board', channel: 1 }, pulseMs: PULSE_MS },
      },
    ],
  }
  const child = fork(join(import.meta.dirname, '../testing/killed-in-pulse-child.ts'), [JSON.stringify(hardware)])
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  await opened.promise
  expect(device.state(1)).toMatchObject({ energised: true, pulses: 1 })
  return { clock, device, heard, changed, hardware }
}

test('killed within a pulse of a board with a timer: the board ends it when it was to end', async () => {
  const { clock, device, changed } = await openedAndKilled('modbus-flash')
  clock.advance(PULSE_MS - 1)
  expect(device.state(1).energised).toBe(true)
  const ended = once(changed, 'change')
  clock.advance(1)
  await ended
  expect(device.state(1)).toMatchObject({ energised: false, pulses: 1 })
})

test('killed within a pulse of a board without one: it stays open, and the first bytes of the next start end that', async () => {
  const { clock, device, heard, changed, hardware } = await openedAndKilled('lcus')
  clock.advance(60_000)
  expect(device.state(1).energised).toBe(true)
  const before = heard.length
  const ended = once(changed, 'change')
  const stop = new AbortController()
  const { run: keep } = fitDoors(HardwareConfig.parse(hardware), {
    clock: systemClock,
    random: Math.random,
    report() {},
    happened() {},
    evacuating() {},
  })
  const run = keep(stop.signal)
  await ended
  expect(heard[before]).toBe(protocolVectors.lcus.off1!.toLowerCase())
  expect(device.state(1)).toMatchObject({ energised: false, pulses: 1 })
  stop.abort()
  await run
})
