import type { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { linePortOpener } from '../devices/open-port.ts'
import type { Log } from '../log.ts'
import type { Clock, Health, Plugged, Reader, ReportHealth } from '../ports.ts'
import { decodedReader } from './decoded-reader.ts'
import { familyOf } from './families.ts'
import { keepOpen } from './keep-open.ts'

/** A wire that hums is said at once, and then once a minute with the count. */
const DROPPED_SAID_EVERY_MS = 60_000

type FitReader = {
  readonly lane: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly report: (lane: string, id: string, health: Health) => void
  readonly plugged?: Plugged | undefined
}

/** A reader of its family, kept open. */
export function fitReader(config: ReaderConfig, { lane, clock, random, log, report, plugged }: FitReader): Reader {
  const { id } = config
  const { decoder, quietMs, others, line, isKeyboard } = familyOf(config)
  let frames = 0
  let saidMs = Number.NEGATIVE_INFINITY
  const dropped = (why: string) => {
    frames++
    if (clock.monotonicMs() - saidMs < DROPPED_SAID_EVERY_MS) return
    saidMs = clock.monotonicMs()
    log.warn({ lane, reader: id, why, frames }, 'reader.dropped')
  }
  let warned = ''
  const warn = (problem: string) => {
    // Once, and not at every opening.
    if (problem !== warned) log.warn({ lane, reader: id, problem }, 'reader.shared')
    warned = problem
  }
  const reported: ReportHealth = health => report(lane, id, health)
  return keepOpen({
    open: linePortOpener(config.port, line, { exclusive: isKeyboard, warn }),
    make: open => decodedReader({ id, open, decoder, quietMs, others, clock, dropped }),
    report: reported,
    clock,
    random,
    plugged,
  })
}
