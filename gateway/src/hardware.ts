import type { DoorConfig, ReaderConfig } from '@gatehouse/shared/wire/gate-config.ts'
import { portName, portOpener } from './devices/open-port.ts'
import { type Board, keptBoard } from './doors/board.ts'
import { lcusRelay } from './doors/lcus.ts'
import { modbusFlashRelay } from './doors/modbus-flash.ts'
import type { Relay } from './doors/relay.ts'
import type { Log } from './log.ts'
import type { Clock, Door, Health, OpenPort, Reader, ReportHealth } from './ports.ts'
import { keepOpen } from './readers/keep-open.ts'
import { lineReader } from './readers/line-reader.ts'
import { rdm6300Reader } from './readers/rdm6300-reader.ts'

/** A wire that hums is said at once, and then now and again. */
const DROPPED_SAID_EVERY = 100

type FitDoors = {
  readonly clock: Clock
  readonly random: () => number
  readonly report: (lane: string, health: Health) => void
}

/** Lanes whose relays are on one line share its board. */
export function fitDoors(
  lanes: readonly { readonly lane: string; readonly door: DoorConfig }[],
  { clock, random, report }: FitDoors,
): { readonly boards: readonly Board[]; readonly doors: readonly Door[] } {
  const byLine = Map.groupBy(lanes, ({ door }) => portName(door.port))
  const doorOf = new Map<string, Door>()
  const boards = [...byLine].map(([name, on]) => {
    const relays = on.map(({ lane, door }) => ({
      relay: relayOf(door, clock),
      report: (health: Health) => report(lane, health),
    }))
    const board = keptBoard({ name, open: portOpener(on[0]!.door.port), relays, clock, random })
    for (const [at, { lane }] of on.entries()) doorOf.set(lane, board.doors[at]!)
    return board
  })
  return { boards, doors: lanes.map(({ lane }) => doorOf.get(lane)!) }
}

function relayOf(door: DoorConfig, clock: Clock): Relay {
  return door.family === 'lcus' ? lcusRelay({ ...door, clock }) : modbusFlashRelay(door)
}

/** What can be held to a reader. */
export function readsOf({ family }: ReaderConfig): 'card' | 'code' {
  return family === 'line' ? 'code' : 'card'
}

type FitReader = {
  readonly lane: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly report: (lane: string, id: string, health: Health) => void
}

/** A reader of its family, kept open. */
export function fitReader(config: ReaderConfig, { lane, clock, random, log, report }: FitReader): Reader {
  const { id } = config
  let frames = 0
  const dropped = (why: string) => {
    frames++
    if (frames % DROPPED_SAID_EVERY === 1) log.warn({ lane, reader: id, why, frames }, 'reader.dropped')
  }
  const make = (open: OpenPort): Reader =>
    config.family === 'line'
      ? lineReader({ id, open, aimId: config.aimId, clock })
      : rdm6300Reader({ id, open, clock, dropped })
  const reported: ReportHealth = health => report(lane, id, health)
  return keepOpen({ open: portOpener(config.port), make, report: reported, clock, random })
}
