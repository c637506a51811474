import { createPrivateKey, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import { cardDeskOf } from './cards/card-desk.ts'
import type { Gate } from './config.ts'
import { configuredLanes } from './configuration/configured-lanes.ts'
import { configurationFile, configurationPath } from './configuration/kept-configuration.ts'
import { passKeysOf } from './core/pass-keys.ts'
import { runLanes } from './lanes.ts'
import { decodeCarried } from './list/carried-list.ts'
import { keepList } from './list/list-keeper.ts'
import { keepTrust } from './list/trust-keeper.ts'
import type { Log } from './log.ts'
import type { Clock } from './ports.ts'
import { familyOf } from './readers/families.ts'
import { recorderOn } from './recorder.ts'
import { showStatus } from './status/show-status.ts'
import { lockFolder } from './store/folder-lock.ts'
import { openJournal } from './store/journal.ts'
import { openListStore } from './store/list-store.ts'
import { cardSender } from './uplink/card-sender.ts'
import { trustSync } from './uplink/trust-sync.ts'
import { type Uplink, uplinkOf } from './uplink/uplink.ts'

/** Events that a gate without a cloud keeps to look back at. */
const STANDALONE_EVENTS_KEPT = 10_000
const TRIM_EVERY = 100

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
  const now = () => {
    const { trustedMs, quality } = recorder.now()
    return { epochS: Math.floor(trustedMs / 1000), confirmed: quality === 'confirmed' }
  }
  const trust = await keepTrust({
    identity,
    path: join(config.data, 'trust.json'),
    journal,
    now,
    unkept: error => log.error({ error: String(error) }, 'trust.unkept'),
  })
  const stopped = new AbortController()
  let uplink: Uplink | null = null

  const keeper = keepList({
    store,
    tenant: identity.tenant,
    scope: identity.scope,
    trust,
    journal,
    now,
    damaged(rebuilt) {
      log.error({ rebuilt }, 'list.damaged')
      recorder.record({ kind: 'alarm', details: { problem: 'list_damaged', rebuilt: rebuilt ? 'yes' : 'no' } })
    },
  })
  const tell = (event: ChainedEvent) => {
    needs.onEvent(event)
    if (identity.cloud === null && event.record.sequence % TRIM_EVERY === 0) journal.trim(STANDALONE_EVENTS_KEPT)
    uplink?.wake()
  }
  const recorder = recorderOn({
    journal,
    clock,
    bootId,
    list: () => keeper.facts(),
    // Told in the next turn: between the durable event and its release stands nothing.
    recorded: event => setImmediate(tell, event),
  })

  recorder.record({ kind: 'boot', details: { version: version() } })
  if (identity.cloud !== null && identity.roots === undefined)
    log.warn(
      { gateId: identity.gateId, remedy: 'enrol this gate again: it cannot follow changes of keys' },
      'trust.no_roots',
    )
  if (needs.carriedList !== null) {
    const carried = decodeCarried(needs.carriedList)
    if (carried.ok && carried.value.trust !== undefined)
      await trustSync({ trust, recorder, log, changed() {} }).heard(JSON.stringify(carried.value.trust))
    const taken = await keeper.carry(needs.carriedList)
    if (!taken.ok) {
      log.error({ failure: taken.failure, inForce: keeper.facts().version }, 'list.refused')
      recorder.record({ kind: 'list', details: { refused: taken.failure } })
    } else log.info({ version: taken.value.version }, 'list.in_force')
  }
  const sender = cardSender({ clock, log, stopped: stopped.signal })
  const desk = cardDeskOf({
    tenant: identity.tenant,
    gate: identity.gateId,
    readers: () =>
      configured
        .hardware()
        .lanes.flatMap(({ lane, readers }) =>
          readers.filter(reader => familyOf(reader).reads === 'card').map(({ id }) => ({ lane, reader: id })),
        ),
    signingKey: createPrivateKey({ key: identity.signingKey, format: 'jwk' }),
    journal,
    recorder,
    send: sender.send,
    clock,
    log,
  })
  const keys = passKeysOf({ identity, trust, inForce: () => keeper.facts().version })
  const touch = () => uplink?.touch()
  const configured = configuredLanes({
    file: config.lanes.length > 0 ? { boards: config.boards, lanes: config.lanes } : null,
    kept: configurationFile(configurationPath(config.data)),
    journal,
    recorder,
    runLanes: (hardware, until) =>
      runLanes(
        hardware,
        { identity, keys, keeper, journal, recorder, desk, changed: touch, clock, random, log },
        until,
      ),
    changed: touch,
    clock,
    log,
  })

  const state = (): GateState => ({
    online: true,
    version: version(),
    bootId,
    listVersion: keeper.facts().version,
    listIssuedAtS: keeper.facts().issuedAtS,
    waiting: journal.highest() - journal.acknowledged(),
    clockQuality: recorder.clockQuality(),
    inside: journal.insideCount(),
    config: configured.reported(),
    lanes: configured.state(),
  })
  if (identity.cloud !== null) {
    uplink = uplinkOf(
      {
        identity,
        cloud: identity.cloud,
        journal,
        keeper,
        recorder,
        trust,
        desk,
        configured,
        sender,
        state,
        clock,
        random,
        log,
      },
      stopped.signal,
    )
  }

  log.info({ gateId: identity.gateId, lanes: configured.hardware().lanes.length, bootId }, 'gateway.started')
  const page = await showStatus({ config: config.status, identity, journal, recorder, state, log })
  const calling = uplink?.run(stopped.signal)
  try {
    await configured.run(signal)
  } finally {
    stopped.abort()
    await calling
    await page.close()
    // The last event is told as well.
    await turn()
    store.close()
    journal.close()
    lock.release()
    log.info({ gateId: identity.gateId }, 'gateway.stopped')
  }
}

function version(): string {
  const file = join(import.meta.dirname, '../package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
