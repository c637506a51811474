import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import { portName } from '@gatehouse/shared/wire/hardware/port.ts'
import type { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { linePortOpener } from './devices/open-port.ts'
import { boardDriver } from './doors/families.ts'
import { type KeptBoard, keptBoard } from './doors/kept-board.ts'
import type { Log } from './log.ts'
import type { Clock, Door, Health, Reader, ReportHealth } from './ports.ts'
import { decodedReader } from './readers/decoded-reader.ts'
import { familyOf } from './readers/families.ts'
import { keepOpen } from './readers/keep-open.ts'

/** A wire that hums is said at once, and then now and again. */
const DROPPED_SAID_EVERY = 100

type FitDoors = {
  readonly clock: Clock
  readonly random: () => number
  readonly report: (lane: string, health: Health) => void
}

/** The boards of a gate, and the door of each lane on them. */
export function fitDoors(
  { boards, lanes }: Pick<HardwareConfig, 'boards' | 'lanes'>,
  { clock, random, report }: FitDoors,
): { readonly boards: readonly KeptBoard[]; readonly doors: readonly Door[] } {
  const kept = new Map<string, KeptBoard>()
  for (const config of boards) {
    const users = lanes.filter(({ door }) => door.output.board === config.id)
    const outputs = users.map(({ door }) => ({ ...door, channel: door.output.channel }))
    const contacts = lanes.flatMap(({ door }) => Object.values(door.contacts))
    const inputs = contacts.filter(contact => contact?.board === config.id).map(contact => contact!.channel)
    const board = keptBoard({
      name: 'port' in config ? portName(config.port) : config.chip,
      driver: boardDriver(config, { clock, random, outputs, inputs }),
      outputs,
      report: health => {
        for (const { lane } of users) report(lane, health)
      },
      tell() {},
      clock,
      random,
    })
    kept.set(config.id, board)
  }
  const doors = lanes.map(({ door: { output } }): Door => {
    const board = kept.get(output.board)!
    return { pulse: board.pulse, release: grantedAtMs => board.release(output.channel, grantedAtMs) }
  })
  return { boards: [...kept.values()], doors }
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
  const { decoder, quietMs, others } = familyOf(config)
  let frames = 0
  const dropped = (why: string) => {
    frames++
    if (frames % DROPPED_SAID_EVERY === 1) log.warn({ lane, reader: id, why, frames }, 'reader.dropped')
  }
  const reported: ReportHealth = health => report(lane, id, health)
  return keepOpen({
    open: linePortOpener(config.port),
    make: open => decodedReader({ id, open, decoder, quietMs, others, clock, dropped }),
    report: reported,
    clock,
    random,
  })
}
