import { createInterface } from 'node:readline'
import { portName } from '@gatehouse/shared/wire/hardware/port.ts'
import { systemClock } from '../devices/system-clock.ts'
import { boardDevice } from '../simulators/boards.ts'
import { WireConfig } from '../simulators/config.ts'
import type { BoardDevice, FarEnd, ReaderDevice } from '../simulators/device.ts'
import { openWire } from '../simulators/open-wire.ts'
import { readerDevice } from '../simulators/readers.ts'
import { familyConfig } from './family-config.ts'
import { settingsOf } from './settings.ts'
import { cannot } from './usage.ts'

type Options = { readonly pty?: string; readonly port?: string; readonly baud: string; readonly set: readonly string[] }

/** `gateway simulate FAMILY`: one device, until `signal` aborts. It does what lines on standard input say. */
export async function simulateOne(name: string, options: Options, say: (line: string) => void, signal: AbortSignal) {
  const family = familyConfig(name, settingsOf(options.set))
  if (!('port' in family.config)) throw cannot(`${family.config.family} is part of this machine: it stands at no line.`)
  const isHid = family.config.port.kind === 'hid-tcp'
  if (isHid && options.pty !== undefined) throw cannot(`${family.config.family} speaks in reports: give --port`)
  const place = WireConfig.safeParse(
    options.pty === undefined
      ? { kind: isHid ? 'hid-tcp' : 'tcp', port: Number(options.port ?? 0) }
      : { kind: 'pty', link: options.pty, baudRate: Number(options.baud) },
  )
  if (!place.success) throw cannot('--port takes a number up to 65535, --baud one from 300 to 3000000')
  let send = (_bytes: Uint8Array) => {}
  const far: FarEnd = { send: bytes => send(bytes), clock: systemClock }
  let hears: ReaderDevice | BoardDevice
  let does: (word: string, rest: string) => string
  if (family.of === 'reader') {
    const reader = readerDevice(family.config, far, name === 'id12')
    hears = reader
    does = (word, rest) => held(reader, word, rest)
  } else {
    const board = boardDevice(family.config, far)
    board.onChange((channel, energised) => say(`output ${channel} ${energised ? 'on' : 'off'}`))
    hears = board
    does = (word, rest) => moved(board, word, rest)
  }
  const wire = await openWire(place.data, bytes => hears.receive(bytes), hears.features)
  send = bytes => wire.send(bytes)
  say(`${family.config.family} stands at ${portName(wire.port)}`)

  const lines = createInterface({ input: process.stdin })
  lines.on('line', line => {
    const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
    if (word !== '') say(does(word, rest))
  })
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  lines.close()
  process.stdin.destroy()
  await wire.close()
}

function held(reader: ReaderDevice, word: string, rest: string): string {
  if (word !== 'card' && word !== 'qr' && word !== 'pin') return 'A reader is told: card HEX, qr TEXT or pin DIGITS.'
  const sent = reader.present({ [word]: rest })
  return sent.ok ? `sent ${sent.value} bytes` : sent.failure
}

function moved(board: BoardDevice, word: string, rest: string): string {
  if ((word !== 'close' && word !== 'open') || !/^\d{1,3}$/.test(rest))
    return 'A board is told: close INPUT or open INPUT.'
  board.contact(Number(rest), word === 'close')
  return `input ${rest} ${word === 'close' ? 'closed' : 'open'}`
}
