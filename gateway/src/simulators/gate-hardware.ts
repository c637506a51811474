import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import type { Clock } from '../ports.ts'
import { boardDevice } from './boards.ts'
import type { SimulatedBoard, SimulatedDoor, SimulatedReader, SimulatorConfig, WireConfig } from './config.ts'
import type { BoardDevice, FarEnd, Features, Held, ReaderDevice } from './device.ts'
import { openWire } from './open-wire.ts'
import { readerDevice } from './readers.ts'
import type { RelayState } from './relay-contacts.ts'
import type { Wire } from './wire.ts'

/** How long the contact of a turnstile is closed by somebody who goes through. */
const PASSAGE_MS = 500

type Kind = SimulatedReader['kind']
type Reader = { readonly id: string; readonly kind: Kind; readonly wire: Wire; readonly device: ReaderDevice }
type Receiver = { receive(bytes: Uint8Array): void; readonly features?: Features }
type Board = { readonly wire: Wire; readonly device: BoardDevice }
type Lane = {
  readonly lane: string
  readonly name: string
  readonly readers: readonly Reader[]
  readonly door: SimulatedDoor
}

/** Which credential, and at which lane where there is more than one. */
export type Presentation = Held & { readonly lane?: string | undefined }
export type Sent = { readonly gate: string; readonly lane: string; readonly reader: string; readonly bytes: number }

export type GateHardware = {
  readonly lanes: readonly {
    readonly lane: string
    readonly name: string
    readonly readers: readonly {
      readonly id: string
      readonly kind: Kind
      readonly port: PortConfig | ReportPortConfig
    }[]
    /** Where the board of its door is. */
    readonly door: PortConfig | ReportPortConfig
  }[]
  readonly boards: readonly { readonly id: string; readonly port: PortConfig | ReportPortConfig }[]
  /** Sends the bytes of a credential exactly as its reader would; a failure is a sentence for the person who asked. */
  present(what: Presentation): Result<Sent, string>
  /** Closes or opens the contact of an input, as a door, a button or a person would. */
  contact(board: string, channel: number, closed: boolean): Result<null, string>
  state(): readonly ({ readonly lane: string } & RelayState)[]
  close(): Promise<void>
}

/** The readers and boards of one gate, each at the far end of a line of its own. */
export async function gateHardware(config: SimulatorConfig, clock: Clock): Promise<GateHardware> {
  const open: Wire[] = []
  /** A device and its line know each other; neither is first. */
  const fit = async <Device extends Receiver>(
    port: WireConfig,
    make: (far: FarEnd) => Device,
  ): Promise<{ readonly wire: Wire; readonly device: Device }> => {
    let send = (_bytes: Uint8Array) => {}
    const device = make({ send: bytes => send(bytes), clock })
    const wire = await openWire(port, bytes => device.receive(bytes), device.features)
    send = bytes => wire.send(bytes)
    open.push(wire)
    return { wire, device }
  }
  const boards = new Map<string, Board>()
  const lanes: Lane[] = []
  try {
    for (const board of config.boards) boards.set(board.id, await fitBoard(board, fit))
    for (const { lane, name, readers, door } of config.lanes) {
      const fitted: Reader[] = []
      for (const reader of readers) {
        const { wire, device } = await fit(reader.port, far => readerDevice(reader.config, far, reader.isId12))
        fitted.push({ id: reader.id, kind: reader.kind, wire, device })
      }
      lanes.push({ lane, name, readers: fitted, door })
    }
  } catch (error) {
    await Promise.all(open.map(wire => wire.close()))
    throw error
  }
  for (const [id, board] of boards) board.device.onChange(walkers(id, lanes, boards, clock))

  return {
    lanes: lanes.map(({ lane, name, readers, door }) => ({
      lane,
      name,
      readers: readers.map(({ id, kind, wire }) => ({ id, kind, port: wire.port })),
      door: boards.get(door.output.board)!.wire.port,
    })),
    boards: [...boards].map(([id, { wire }]) => ({ id, port: wire.port })),
    present: what => present(config.gate, lanes, what),
    contact(board, channel, closed) {
      const on = boards.get(board)
      if (on === undefined) return fail(`There is no board ${board}. There is: ${[...boards.keys()].join(', ')}.`)
      on.device.contact(channel, closed)
      return ok(null)
    },
    state: () =>
      lanes.map(({ lane, door: { output } }) => ({
        lane,
        ...boards.get(output.board)!.device.state(output.channel),
      })),
    async close() {
      await Promise.all(open.map(wire => wire.close()))
    },
  }
}

type Fit = <Device extends Receiver>(
  port: WireConfig,
  make: (far: FarEnd) => Device,
) => Promise<{ readonly wire: Wire; readonly device: Device }>

function fitBoard({ port, config }: SimulatedBoard, fit: Fit): Promise<Board> {
  return fit(port, far => boardDevice(config, far))
}

/** Somebody goes through each door that is released, where the configuration has such people. */
function walkers(board: string, lanes: readonly Lane[], boards: ReadonlyMap<string, Board>, clock: Clock) {
  const walk = async ({ board, channel, afterMs }: NonNullable<SimulatedDoor['walker']>) => {
    const { device } = boards.get(board)!
    await clock.after(afterMs)
    device.contact(channel, true)
    await clock.after(PASSAGE_MS)
    device.contact(channel, false)
  }
  return (channel: number, energised: boolean) => {
    if (!energised) return
    for (const { door } of lanes) {
      const { output, walker } = door
      if (walker !== undefined && output.board === board && output.channel === channel) void walk(walker)
    }
  }
}

function present(gate: string, lanes: readonly Lane[], what: Presentation): Result<Sent, string> {
  const kind: Kind = what.card !== undefined ? 'card' : what.pin !== undefined ? 'pin' : 'qr'
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
  const sent = reader.device.present(what)
  return sent.ok ? ok({ gate, lane: lane.lane, reader: reader.id, bytes: sent.value }) : sent
}
