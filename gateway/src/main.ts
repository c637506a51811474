import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import type { DoorConfig, ReaderConfig } from '@gatehouse/shared/wire/gate-config.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import type { Gate } from './config.ts'
import { portName, portOpener } from './devices/open-port.ts'
import { type Board, keptBoard } from './doors/board.ts'
import { lcusRelay } from './doors/lcus.ts'
import { modbusFlashRelay } from './doors/modbus-flash.ts'
import type { Relay } from './doors/relay.ts'
import { groupBits, laneOf } from './lane.ts'
import { keepList } from './list/list-keeper.ts'
import { trustIn } from './list/trust.ts'
import type { Log } from './log.ts'
import type { Clock, Door, Health, OpenPort, Reader, ReportHealth } from './ports.ts'
import { keepOpen } from './readers/keep-open.ts'
import { lineReader } from './readers/line-reader.ts'
import { rdm6300Reader } from './readers/rdm6300-reader.ts'
import { recorderOn } from './recorder.ts'
import { lockFolder } from './store/folder-lock.ts'
import { openJournal } from './store/journal.ts'
import { openListStore } from './store/list-store.ts'
import { type Uplink, uplinkOf } from './uplink/uplink.ts'

/** Events that a gate without a cloud keeps to look back at. */
const STANDALONE_EVENTS_KEPT = 10_000
const TRIM_EVERY = 100

/** A wire that hums is said at once, and then now and again. */
const DROPPED_SAID_EVERY = 100

const STARTING: Health = { up: false, problem: 'starting' }

export type GatewayNeeds = Gate & {
  /** A signed list carried by hand, for a gate without a cloud; null: follow the cloud's. */
  readonly carriedList: string | null
  /** Hears of each event after it is durable. */
  readonly onEvent: (event: ChainedEvent) => void
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/**
 * One gate, from its lines to its cloud, until `signal` aborts: then no scan is taken any more, what was taken is
 * finished, the doors are made safe, and the cloud is told.
 */
export async function runGateway(needs: GatewayNeeds, signal: AbortSignal): Promise<void> {
  const { config, identity, clock, random, log } = needs
  const bootId = randomUUID()
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const lock = lockFolder(config.data)
  const journal = openJournal({ path: join(config.data, 'journal.db'), gate: identity.gateId })
  const store = openListStore(join(config.data, 'list'))
  const trust = trustIn(identity.trust)
  const stopped = new AbortController()
  let uplink: Uplink | null = null

  const keeper = keepList({
    store,
    tenant: identity.tenant,
    scope: identity.scope,
    trust,
    damaged(rebuilt) {
      log.error({ rebuilt }, 'list.damaged')
      recorder.record({ kind: 'alarm', details: { problem: 'list_damaged', rebuilt: rebuilt ? 'yes' : 'no' } })
    },
  })
  const recorder = recorderOn({
    journal,
    clock,
    bootId,
    list: () => keeper.facts(),
    recorded(event) {
      needs.onEvent(event)
      if (identity.cloud === null && event.record.sequence % TRIM_EVERY === 0) journal.trim(STANDALONE_EVENTS_KEPT)
      uplink?.wake()
    },
  })

  recorder.record({ kind: 'boot', details: { version: version() } })
  if (needs.carriedList !== null) {
    const taken = await keeper.take(needs.carriedList, null)
    if (!taken.ok) {
      log.error({ failure: taken.failure, inForce: keeper.facts().version }, 'list.refused')
      recorder.record({ kind: 'list', details: { refused: taken.failure } })
    } else log.info({ version: taken.value.version }, 'list.in_force')
  }
  const configHash = createHash('sha256').update(JSON.stringify(config.lanes)).digest('hex')
  recorder.record({ kind: 'config', details: { sha256: configHash } })

  const health = healthBoard(
    config.lanes.map(({ lane }) => lane),
    log,
    () => uplink?.touch(),
  )
  const { boards, doors } = fitDoors(config.lanes, { clock, random, report: health.door })
  const lanes = config.lanes.map(({ lane, direction, groups, readers }, at) => {
    const serving = laneOf({
      lane,
      direction,
      groups: groupBits(groups),
      tenant: identity.tenant,
      timeZone: identity.timeZone,
      cardSecret: Buffer.from(identity.cardSecret, 'base64url'),
      trust,
      list: keeper,
      recorder,
      door: doors[at]!,
      log,
    })
    const fitted = readers.map(reader => fitReader(reader, { lane, clock, random, log, report: health.reader }))
    return { serving, readers: fitted }
  })

  const state = (): GateState => ({
    online: true,
    version: version(),
    bootId,
    listVersion: keeper.facts().version,
    listIssuedAtS: keeper.facts().issuedAtS,
    waiting: journal.highest() - journal.acknowledged(),
    clockQuality: recorder.clockQuality(),
    lanes: config.lanes.map(({ lane, readers }, at) => ({
      lane,
      readers: readers.map(({ id }) => ({ id, ...told(health.ofReader(lane, id)) })),
      door: { ...told(health.ofDoor(lane)), pulse: doors[at]!.pulse },
    })),
  })
  if (identity.cloud !== null) {
    uplink = uplinkOf(
      { identity, cloud: identity.cloud, journal, keeper, recorder, trust, state, clock, random, log },
      stopped.signal,
    )
  }

  log.info({ gateId: identity.gateId, lanes: config.lanes.length, bootId }, 'gateway.started')
  const onDoors = new AbortController()
  const running = Promise.all(boards.map(board => board.run(onDoors.signal)))
  const calling = uplink?.run(stopped.signal)
  try {
    await Promise.all(lanes.flatMap(({ serving, readers }) => readers.map(reader => serving.serve(reader, signal))))
  } finally {
    onDoors.abort()
    await running
    stopped.abort()
    await calling
    store.close()
    journal.close()
    lock.release()
    log.info({ gateId: identity.gateId }, 'gateway.stopped')
  }
}

type FitDoors = {
  readonly clock: Clock
  readonly random: () => number
  readonly report: (lane: string, health: Health) => void
}

/** Lanes whose relays are on one line share its board. */
function fitDoors(
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

type FitReader = {
  readonly lane: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly report: (lane: string, id: string, health: Health) => void
}

function fitReader(config: ReaderConfig, { lane, clock, random, log, report }: FitReader): Reader {
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

/** How each device is, and a line in the log and a word to the cloud whenever that changes. */
function healthBoard(lanes: readonly string[], log: Log, changed: () => void) {
  const readers = new Map<string, Health>()
  const doors = new Map<string, Health>(lanes.map(lane => [lane, STARTING]))
  const say = (fields: object, before: Health, now: Health, what: string) => {
    if (JSON.stringify(before) === JSON.stringify(now)) return
    if (now.up) log.info(fields, `${what}.up`)
    else log.warn({ ...fields, problem: now.problem }, `${what}.down`)
    changed()
  }
  const key = (lane: string, id: string) => `${lane} ${id}`
  return {
    ofReader: (lane: string, id: string) => readers.get(key(lane, id)) ?? STARTING,
    ofDoor: (lane: string) => doors.get(lane) ?? STARTING,
    reader(lane: string, id: string, now: Health) {
      const before = readers.get(key(lane, id)) ?? STARTING
      readers.set(key(lane, id), now)
      say({ lane, reader: id }, before, now, 'reader')
    },
    door(lane: string, now: Health) {
      const before = doors.get(lane) ?? STARTING
      doors.set(lane, now)
      say({ lane }, before, now, 'door')
    },
  }
}

/** What the cloud is told of a problem has an end; the log has all of it. */
const PROBLEM_CHARACTERS_MAX = 300

function told(health: Health): { readonly up: boolean; readonly problem?: string } {
  return health.up ? health : { up: false, problem: health.problem.slice(0, PROBLEM_CHARACTERS_MAX) }
}

function version(): string {
  const file = join(import.meta.dirname, '../package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
