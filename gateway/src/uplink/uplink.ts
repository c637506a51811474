import { createPrivateKey } from 'node:crypto'
import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { CardDesk } from '../cards/card-desk.ts'
import type { ConfiguredLanes } from '../configuration/configured-lanes.ts'
import { growingPauses } from '../core/pauses.ts'
import { openMqttLine } from '../devices/mqtt-line.ts'
import type { ListKeeper } from '../list/list-keeper.ts'
import type { TrustKeeper } from '../list/trust-keeper.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../ports.ts'
import type { Recorder } from '../recorder.ts'
import type { Journal } from '../store/journal.ts'
import { signBatch } from './batch.ts'
import type { CardSender } from './card-sender.ts'
import { commandTaker } from './command-taker.ts'
import { configurationTaker } from './configuration-taker.ts'
import { eventSender } from './event-sender.ts'
import { listFetcher } from './list-fetcher.ts'
import { listSync } from './list-sync.ts'
import { stateTeller } from './state-teller.ts'
import { trustSync } from './trust-sync.ts'

const PAUSE_MS_MIN = 500
const PAUSE_MS_MAX = 15_000

/** A line that is cut sooner was cut by something that is still there. */
const STEADY_MS = 10_000

export type UplinkNeeds = {
  readonly identity: GateIdentity
  readonly cloud: NonNullable<GateIdentity['cloud']>
  readonly journal: Journal
  readonly keeper: ListKeeper
  readonly recorder: Recorder
  readonly trust: TrustKeeper
  /** What commands are about. */
  readonly desk: Pick<CardDesk, 'can' | 'obey'>
  readonly configured: ConfiguredLanes
  readonly sender: Pick<CardSender, 'connect'>
  readonly state: () => GateState
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

export type Uplink = {
  /** An event was written. */
  wake(): void
  /** Something about the gate has changed. */
  touch(): void
  /** Keeps a line to the cloud until `signal` aborts, and then says that the gate is going. */
  run(signal: AbortSignal): Promise<void>
}

/** The gate's side of the cloud: events out until they are acknowledged, lists in. No decision waits for any of it. */
export function uplinkOf(needs: UplinkNeeds, stopped: AbortSignal): Uplink {
  const { identity, cloud, journal, keeper, recorder, trust, desk, configured, state, clock, random, log } = needs
  const cards = needs.sender
  const { tenant, gateId, scope } = identity
  const at = {
    events: topics.events(tenant, gateId),
    acks: topics.acks(tenant, gateId),
    state: topics.state(tenant, gateId),
    commands: topics.commands(tenant, gateId),
    config: topics.config(tenant, gateId),
    cards: topics.cards(tenant, gateId),
    list: topics.list(tenant, scope),
    trust: topics.trust(tenant),
  }
  const key = createPrivateKey({ key: identity.signingKey, format: 'jwk' })
  const teller = stateTeller(state, clock, stopped)
  const sender = eventSender({
    gate: gateId,
    journal,
    trust,
    sign: events => signBatch(events, { gate: gateId, tenant, key }),
    clock,
    random,
    log,
    acknowledged: () => teller.touch(),
  })
  const lists = listSync(
    {
      keeper,
      fetchParts: listFetcher({ cloud, gateId, scope, signal: stopped }),
      recorder,
      clock,
      random,
      log,
      changed: () => teller.touch(),
    },
    stopped,
  )

  const { can, obey } = desk
  const commands = commandTaker({ tenant, gate: gateId, trust, journal, recorder, can, obey, stopped, log })
  const configurations = configurationTaker({ tenant, gate: gateId, trust, configured, stopped })
  const trusts = trustSync({
    trust,
    recorder,
    log,
    changed: () => {
      lists.again()
      configurations.again()
    },
  })

  const openLine = () =>
    openMqttLine({
      ...cloud.mqtt,
      gateId,
      will: { topic: at.state, payload: JSON.stringify({ online: false }) },
      subscriptions: [at.trust, at.list, at.acks, at.commands, at.config],
      onMessage(topic, payload, kept) {
        if (topic === at.trust) void trusts.heard(payload.toString('utf8'))
        if (topic === at.list) lists.heard(payload.toString('utf8'), !kept)
        if (topic === at.acks) void sender.heard(payload.toString('utf8'))
        if (topic === at.config) void configurations.heard(payload.toString('utf8'))
        if (topic === at.commands) void commands.heard(payload.toString('utf8'), kept)
      },
    })

  const useLine = async (signal: AbortSignal): Promise<string> => {
    const line = await openLine()
    log.info({ host: cloud.mqtt.host, port: cloud.mqtt.port }, 'cloud.connected')
    const stop = Promise.withResolvers<string>()
    const onAbort = () => stop.resolve('stopped')
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      teller.connect(now => line.publish(at.state, JSON.stringify(now), { retain: true }))
      sender.connect(batch => line.publish(at.events, batch))
      cards.connect(card => line.publish(at.cards, card))
      return await Promise.race([line.gone, stop.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      teller.connect(null)
      sender.connect(null)
      cards.connect(null)
      if (signal.aborted) {
        const said = line.publish(at.state, JSON.stringify({ online: false }), { retain: true }).catch(() => {})
        await Promise.race([said, clock.after(500)])
      }
      await line.close()
    }
  }

  return {
    wake() {
      sender.wake()
      teller.touch()
    },
    touch: () => teller.touch(),
    async run(signal) {
      const pauses = growingPauses({ firstMs: PAUSE_MS_MIN, lastMs: PAUSE_MS_MAX, random })
      let saidBefore = ''
      while (!signal.aborted) {
        let reason: string
        const beganMs = clock.monotonicMs()
        try {
          reason = await useLine(signal)
          if (clock.monotonicMs() - beganMs >= STEADY_MS) pauses.reset()
        } catch (error) {
          reason = (error as Error).message || String(error)
        }
        if (signal.aborted) return
        const { host, port } = cloud.mqtt
        if (reason !== saidBefore) log.warn({ host, port, reason }, 'cloud.away')
        saidBefore = reason
        await clock.after(pauses.next(), signal)
      }
    },
  }
}
