import { eventHash, type Sha256 } from '@gatehouse/shared/events/chain.ts'
import { type JcsValue, jcs } from '@gatehouse/shared/events/jcs.ts'
import { ChainedEvent, RECORD_BYTES_MAX } from '@gatehouse/shared/events/record.ts'

/** Why an event is kept as a dead letter and not as an event. */
export const LETTER_REASONS = [
  'malformed',
  'too_large',
  'wrong_gate',
  'bad_hash',
  'wrong_previous',
  'fork',
  'missing',
] as const
export type LetterReason = (typeof LETTER_REASONS)[number]

/** An event that can be stored, or one that cannot, with what could still be made of its place in the chain. */
export type ReadEvent =
  | { readonly good: true; readonly event: ChainedEvent; readonly canonical: string }
  | {
      readonly good: false
      readonly reason: LetterReason
      readonly detail: string
      /** As it says itself; null when it does not. */
      readonly sequence: number | null
      readonly hash: string | null
      readonly raw: string
    }

/** Text of a dead letter that is kept; an event of ours is a quarter of it. */
export const RAW_CHARS_MAX = 16_384

/** The last moment a date of four digits can say: both engines store it, and a JavaScript Date reads it. */
const TIME_MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** The column's type. A gate sees a few lists a day. */
const LIST_VERSION_MAX = 2_147_483_647

/** Reads one event of a batch by itself. Pure: whatever it is given, it answers. */
export function readEvent(sha256: Sha256, gateId: string, item: unknown): ReadEvent {
  const poison = (reason: LetterReason, detail: string): ReadEvent => ({
    good: false,
    reason,
    detail: detail.slice(0, 1000),
    raw: rawOf(item),
    ...placeOf(item),
  })

  const parsed = ChainedEvent.safeParse(item)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return poison('malformed', `${issue?.path.join('.') || 'event'}: ${issue?.message ?? 'not an event'}`)
  }
  const event = parsed.data
  const { record } = event
  if (record.gate !== gateId) return poison('wrong_gate', `it says gate ${record.gate}`)
  if (record.trustedTimeMs > TIME_MS_MAX) return poison('malformed', 'record.trustedTimeMs: after the year 9999')
  if (record.listVersion > LIST_VERSION_MAX) return poison('malformed', 'record.listVersion: above 2147483647')
  if (hasNul(record.lane) || hasNul(record.credential?.technology)) return poison('malformed', 'a NUL in a name')

  let canonical: string
  try {
    canonical = jcs(record as JcsValue)
    if (canonical.length > RECORD_BYTES_MAX) return poison('too_large', `${canonical.length} characters`)
    if (eventHash(sha256, event.previous, record) !== event.hash)
      return poison('bad_hash', 'the hash is not of this record')
  } catch (error) {
    return poison('malformed', (error as Error).message)
  }
  return { good: true, event, canonical }
}

/** PostgreSQL has no text with a zero byte in it. */
const hasNul = (text: string | undefined) => text?.includes('\u0000') === true

function placeOf(item: unknown): { sequence: number | null; hash: string | null } {
  const { hash, record } = (item ?? {}) as { hash?: unknown; record?: { sequence?: unknown } | null }
  const sequence = record?.sequence
  return {
    sequence: Number.isSafeInteger(sequence) && (sequence as number) >= 1 ? (sequence as number) : null,
    hash: typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? hash : null,
  }
}

function rawOf(item: unknown): string {
  const text = JSON.stringify(item) ?? String(item)
  return text.slice(0, RAW_CHARS_MAX).toWellFormed()
}
