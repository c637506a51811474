import { ascii, concat, fromHex, toHex, utf8 } from '../bytes.ts'
import { type JcsValue, jcs } from './jcs.ts'
import type { ChainedEvent, EventRecord } from './record.ts'

export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** The previous hash of a gate's first event: 32 zero bytes. */
export const FIRST_PREVIOUS = '0'.repeat(64)

/** SHA-256 of `GHE1`, the previous hash and the record as RFC 8785 JSON. */
export function eventHash(sha256: Sha256, previous: string, record: EventRecord | JcsValue): string {
  const before = fromHex(previous)
  if (before?.length !== 32) throw new Error('a previous hash is 32 bytes of hexadecimal')
  return toHex(sha256(concat(ascii('GHE1'), before, utf8(jcs(record as JcsValue)))))
}

/** Puts a record behind the event before it. */
export function chain(sha256: Sha256, previous: string, record: EventRecord): ChainedEvent {
  return { previous, hash: eventHash(sha256, previous, record), record }
}
