import { sameBytes } from '@gatehouse/shared/bytes.ts'
import { configurationCrc } from '../configuration.ts'
import { decodeFrame, frameSplitter } from '../frame.ts'
import { encodeMessage, readMessage } from '../message.ts'
import { type Message, REFUSALS, type Refusal } from '../messages.ts'
import { HOST_LOST_MS, TRY_MS } from '../timing.ts'
import { eventRing } from './event-ring.ts'
import { inputsOf } from './inputs.ts'
import { outputsOf } from './outputs.ts'

export type ControllerNeeds = {
  /** By chance at each start: it is how a host knows of one. */
  readonly bootNonce: number
  readonly firmware: number
  readonly outputs: number
  readonly inputs: number
  /** An output changes its level. */
  readonly moved: (output: number, energised: boolean) => void
}

/** The side of the controller. Everything gives the frames to send; times are milliseconds of one clock that only rises. */
export type Controller = {
  /** Just switched on. Outputs have the level that their resistors give. */
  begin(atMs: number): Uint8Array[]
  take(chunk: Uint8Array, atMs: number): Uint8Array[]
  /** The level of an input's pin. */
  sense(input: number, high: boolean, atMs: number): Uint8Array[]
  dueMs(): number | null
  due(atMs: number): Uint8Array[]
  isEnergised(output: number): boolean
}

type Session = { readonly number: number; readonly nonce: number; heardAtMs: number }

/** What a door controller does, in the words that its program in C has: docs/door-protocol.md. */
export function controllerOf({
  bootNonce,
  firmware,
  outputs: outputCount,
  inputs: inputCount,
  moved,
}: ControllerNeeds) {
  const split = frameSplitter()
  const ring = eventRing()
  const outputs = outputsOf(outputCount, moved)
  let beganMs = 0
  let sessions = 0
  let session: Session | null = null
  let configCrc = 0
  let lastGrant = 0
  let lastRequest: { readonly stuffed: Uint8Array; readonly answer: Uint8Array } | null = null
  let tellAgainMs: number | null = null

  const uptime = (atMs: number) => Math.floor(atMs - beganMs) >>> 0
  const inputs = inputsOf(inputCount, (input, closed, atMs) =>
    ring.add({ name: 'input', uptime_ms: uptime(atMs), input, closed: closed ? 1 : 0 }),
  )

  /** The oldest event, if it is time to say it or to say it again. */
  const tell = (atMs: number): Uint8Array[] => {
    if (session === null || (tellAgainMs !== null && atMs < tellAgainMs)) return []
    const event = ring.oldest(session.number)
    tellAgainMs = event === null ? null : atMs + TRY_MS
    return event === null ? [] : [encodeMessage(event, { seq: event.evt_seq & 0xff })]
  }

  const due = (atMs: number) => {
    outputs.due(atMs)
    inputs.due(atMs)
    if (session !== null && atMs >= session.heardAtMs + HOST_LOST_MS) {
      session = null
      ring.add({ name: 'safe', uptime_ms: uptime(atMs), ended: outputs.makeSafe() })
    }
  }

  const greet = (nonce: number, atMs: number): Message => {
    if (session?.nonce !== nonce) {
      session = { number: ++sessions, nonce, heardAtMs: atMs }
      lastGrant = 0
      tellAgainMs = null
    }
    return {
      name: 'greeted',
      protocol: 1,
      host_nonce: nonce,
      boot_nonce: bootNonce,
      session: session.number,
      firmware,
      outputs: outputCount,
      inputs: inputCount,
      config_crc32: configCrc,
      uptime_ms: uptime(atMs),
    }
  }

  const grant = (
    { grant_id, start_by }: { readonly grant_id: number; readonly start_by: number },
    atMs: number,
    execute: () => boolean,
  ): Refusal | null => {
    if (configCrc === 0) return 'not_configured'
    if (grant_id === lastGrant) return null
    // Both run over after 49 days: what counts is which is ahead.
    if (grant_id < lastGrant || ((start_by - uptime(atMs)) | 0) < 0) return 'late'
    if (!execute()) return 'out_of_range'
    lastGrant = grant_id
    return null
  }

  const execute = (message: Message, atMs: number): Message | Refusal => {
    if (message.name === 'greet') return greet(message.host_nonce, atMs)
    if (session === null || !('session' in message) || message.session !== session.number) return 'no_session'
    session.heardAtMs = atMs
    switch (message.name) {
      case 'configure':
        outputs.configure(message)
        inputs.configure(message)
        configCrc = configurationCrc(message)
        return { name: 'configured', config_crc32: configCrc }
      case 'heartbeat':
        return {
          name: 'alive',
          session: session.number,
          uptime_ms: uptime(atMs),
          config_crc32: configCrc,
          away: outputs.away(),
          closed: inputs.closed(),
          waiting: ring.waiting(),
          next_evt_seq: ring.nextSeq(),
        }
      case 'pulse': {
        const refused = grant(message, atMs, () => outputs.pulse(message.output, message.on_ms, atMs))
        return refused ?? { name: 'pulsed', grant_id: message.grant_id }
      }
      case 'hold': {
        const refused = grant(message, atMs, () => outputs.hold(message.output, message.lease_ms, atMs))
        return refused ?? { name: 'held', grant_id: message.grant_id }
      }
      case 'release':
        outputs.release(message.output)
        return { name: 'released', output: message.output }
      default:
        return 'not_understood'
    }
  }

  const acknowledged = (message: Message, atMs: number) => {
    if (message.name !== 'input_taken' && message.name !== 'safe_taken') return
    if (session === null || message.session !== session.number) return
    session.heardAtMs = atMs
    ring.taken(message.evt_seq)
    tellAgainMs = null
  }

  const hear = (stuffed: Uint8Array, atMs: number): Uint8Array[] => {
    const frame = decodeFrame(stuffed)
    // Nothing is said to what may not be for us: the host asks again.
    if (!frame.ok) return []
    const { head, payload } = frame.value
    const read = readMessage(head, payload)
    if (head.kind === 'acknowledgement') {
      if (read.ok) acknowledged(read.value.message, atMs)
      return []
    }
    if (head.kind !== 'request') return []
    if (lastRequest !== null && sameBytes(lastRequest.stuffed, stuffed) && head.op !== GREET)
      return [lastRequest.answer]
    const done = read.ok
      ? execute(read.value.message, atMs)
      : read.failure === 'range'
        ? 'out_of_range'
        : 'not_understood'
    const numbers = { ack: head.seq, op: head.op }
    const answer = typeof done === 'string' ? encodeMessage(refusal(done), numbers) : encodeMessage(done, numbers)
    lastRequest = { stuffed, answer }
    return [answer]
  }

  const controller: Controller = {
    begin(atMs) {
      beganMs = atMs
      return [encodeMessage({ name: 'booted', protocol: 1, boot_nonce: bootNonce })]
    },
    take(chunk, atMs) {
      due(atMs)
      const answers = split(chunk).flatMap(one => (one.ok ? hear(one.value, atMs) : []))
      return [...answers, ...tell(atMs)]
    },
    sense(input, high, atMs) {
      due(atMs)
      inputs.sense(input, high, atMs)
      return tell(atMs)
    },
    dueMs() {
      const lostMs = session === null ? null : session.heardAtMs + HOST_LOST_MS
      const tellMs = session === null ? null : tellAgainMs
      const all = [outputs.dueMs(), inputs.dueMs(), lostMs, tellMs].filter(one => one !== null)
      return all.length === 0 ? null : Math.min(...all)
    },
    due(atMs) {
      due(atMs)
      return tell(atMs)
    },
    isEnergised: outputs.isEnergised,
  }
  return controller
}

const GREET = 0x01

function refusal(why: Refusal): Message {
  return { name: 'refused', code: REFUSALS[why] }
}
