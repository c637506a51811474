import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { PortConfig } from '@gatehouse/shared/wire/gate-config.ts'
import type { Clock } from '../ports.ts'
import { cardFrame, tagsInTurn } from './card-reader.ts'
import type { SimulatedDoor, SimulatedReader, SimulatorConfig } from './config.ts'
import { lcusBoard } from './lcus-board.ts'
import { codeLine } from './line-scanner.ts'
import { modbusBoard } from './modbus-board.ts'
import { openWire } from './open-wire.ts'
import type { RelayBoard, RelayState } from './relay-board.ts'
import type { Wire } from './wire.ts'

type Reader = SimulatedReader & { readonly wire: Wire; readonly hold: (frame: Uint8Array) => boolean }
type Door = { readonly board: RelayBoard; readonly wire: Wire }
type Lane = { readonly lane: string; readonly name: string; readonly readers: readonly Reader[]; readonly door: Door }

/** Which credential, and at which lane where there is more than one. */
export type Presentation = {
  readonly lane?: string | undefined
  readonly card?: string | undefined
  readonly qr?: string | undefined
}
export type Sent = { readonly gate: string; readonly lane: string; readonly reader: string; readonly bytes: number }

export type GateHardware = {
  readonly lanes: readonly {
    readonly lane: string
    readonly name: string
    readonly readers: readonly { readonly id: string; readonly kind: 'card' | 'qr'; readonly port: PortConfig }[]
    readonly door: PortConfig
  }[]
  /** Sends the bytes of a credential exactly as its reader would; a failure is a sentence for the person who asked. */
  present(what: Presentation): Result<Sent, string>
  state(): readonly ({ readonly lane: string } & RelayState)[]
  close(): Promise<void>
}

/** The readers and relays of one gate, each at the far end of a line of its own. */
export async function gateHardware(config: SimulatorConfig, clock: Clock): Promise<GateHardware> {
  const open: Wire[] = []
  const opened = (wire: Wire): Wire => {
    open.push(wire)
    return wire
  }
  const lanes: Lane[] = []
  try {
    for (const { lane, name, readers, door } of config.lanes) {
      const fitted: Reader[] = []
      for (const reader of readers) {
        const wire = opened(await openWire(reader.port, () => {}))
        fitted.push({ ...reader, wire, hold: tagsInTurn(wire, clock) })
      }
      const relay = await fitDoor(door, clock)
      opened(relay.wire)
      lanes.push({ lane, name, readers: fitted, door: relay })
    }
  } catch (error) {
    await Promise.all(open.map(wire => wire.close()))
    throw error
  }

  return {
    lanes: lanes.map(({ lane, name, readers, door }) => ({
      lane,
      name,
      readers: readers.map(({ id, kind, wire }) => ({ id, kind, port: wire.port })),
      door: door.wire.port,
    })),
    present: what => present(config.gate, lanes, what),
    state: () => lanes.map(({ lane, door }) => ({ lane, ...door.board.state() })),
    async close() {
      await Promise.all(open.map(wire => wire.close()))
    },
  }
}

async function fitDoor({ family, port, channel, address }: SimulatedDoor, clock: Clock): Promise<Door> {
  let send = (_bytes: Uint8Array) => {}
  const board =
    family === 'lcus' ? lcusBoard({ channel }) : modbusBoard({ address, channel, clock, send: bytes => send(bytes) })
  const wire = await openWire(port, bytes => board.receive(bytes))
  send = bytes => wire.send(bytes)
  return { board, wire }
}

function present(gate: string, lanes: readonly Lane[], what: Presentation): Result<Sent, string> {
  const kind = what.card === undefined ? 'qr' : 'card'
  const fitting = lanes.filter(lane => lane.readers.some(reader => reader.kind === kind))
  const named = what.lane === undefined ? fitting : lanes.filter(({ lane }) => lane === what.lane)
  const names = lanes.map(({ lane }) => lane).join(', ')
  if (what.lane !== undefined && named.length === 0) {
    return fail(`Gate ${gate} has no lane ${what.lane}. Its lanes: ${names}.`)
  }
  if (named.length > 1) {
    return fail(
      `Gate ${gate} has more than one lane with a ${kind} reader: name one of ${fitting.map(({ lane }) => lane).join(', ')}.`,
    )
  }
  const [lane] = named
  const reader = lane?.readers.find(reader => reader.kind === kind)
  if (!lane || !reader) return fail(`Lane ${lane?.lane ?? names} of gate ${gate} has no ${kind} reader.`)

  if (reader.family === 'line') {
    const line = codeLine(what.qr ?? '')
    if (!line.ok) return fail('A QR code is 1 to 512 printable ASCII characters.')
    reader.wire.send(line.value)
    return ok({ gate, lane: lane.lane, reader: reader.id, bytes: line.value.length })
  }
  const frame = cardFrame(reader.family, what.card ?? '')
  if (!frame.ok) return fail('A card is five bytes in hexadecimal, such as 01000734E0.')
  if (!reader.hold(frame.value)) return fail('Too many cards are waiting at this reader. Try again in a moment.')
  return ok({ gate, lane: lane.lane, reader: reader.id, bytes: frame.value.length })
}
