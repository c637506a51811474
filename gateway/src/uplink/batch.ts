import type { KeyObject } from 'node:crypto'
import { BATCH_BYTES_MAX, BATCH_EVENTS_MAX, BATCH_TYP } from '@gatehouse/shared/events/batch.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { CompactSign } from 'jose'

/** Of `{"gate":...,"tenant":...,"events":[]}` around the events. */
const FRAME_BYTES = 200

/** As many of the events as one batch may hold, at least one. */
export function fitting(events: readonly ChainedEvent[]): readonly ChainedEvent[] {
  let bytes = FRAME_BYTES
  let count = 0
  for (const event of events.slice(0, BATCH_EVENTS_MAX)) {
    bytes += Buffer.byteLength(JSON.stringify(event)) + 1
    if (count > 0 && bytes > BATCH_BYTES_MAX) break
    count++
  }
  return events.slice(0, count)
}

export type BatchSigner = { readonly gate: string; readonly tenant: string; readonly key: KeyObject }

/** A batch as it goes out: a compact JWS by the gate's own key. */
export function signBatch(events: readonly ChainedEvent[], { gate, tenant, key }: BatchSigner): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify({ gate, tenant, events })))
    .setProtectedHeader({ alg: 'Ed25519', typ: BATCH_TYP, kid: gate })
    .sign(key)
}
