import { bucket } from '../core/bucket.ts'
import type { BytePort, Clock, Credential, OpenPort, Outcome, Reader } from '../ports.ts'
import type { Decoded, Decoder } from './decoder.ts'
import { onePresentation } from './one-presentation.ts'

export type DecodedReaderNeeds = {
  readonly id: string
  readonly open: OpenPort
  readonly decoder: () => Decoder
  /** The same thing within this time of its last sighting is the same presentation. */
  readonly quietMs: number
  /** How many others may be seen in between and it is still the same. */
  readonly others: number
  readonly clock: Clock
  /** Told of each frame that was not one; a wire that hums is found by their number. */
  readonly dropped: (why: string) => void
}

/** More cannot be held to one reader; what comes faster is a wire that hums, and must not cost the other lanes their time. */
const PRESENTATIONS = { atOnce: 30, perS: 20 }

/** A reader of any family: its decoder over a port. */
export function decodedReader(needs: DecodedReaderNeeds): Reader {
  const { id, open, decoder: make, quietMs, others, clock, dropped } = needs
  let line: { readonly port: BytePort; readonly decoder: Decoder } | null = null

  const say = async (port: BytePort, all: readonly Decoded[]) => {
    for (const one of all) if (one.kind === 'answer') await port.write(one.bytes)
  }

  return {
    id,
    async *scans(signal) {
      await using port = await open(signal)
      const decoder = make()
      const isNew = onePresentation(quietMs, others)
      const mayBe = bucket(PRESENTATIONS)
      const chunks = port.incoming[Symbol.asyncIterator]()
      line = { port, decoder }
      try {
        let next = chunks.next()
        let found = decoder.begin(clock.monotonicMs())
        for (;;) {
          const atMs = clock.monotonicMs()
          await say(port, found)
          for (const one of found) {
            if (one.kind === 'dropped') dropped(one.why)
            if (one.kind !== 'scan' || !isNew(nameOf(one.credential), atMs)) continue
            if (mayBe(atMs)) yield { readerId: id, credential: one.credential, atMs }
            else dropped('flood')
          }
          const chunk = await nextOrDue(next, decoder.dueMs(), clock)
          if (chunk === 'due') {
            found = decoder.due(clock.monotonicMs())
            continue
          }
          if (chunk.done) break
          found = decoder.take(chunk.value, clock.monotonicMs())
          next = chunks.next()
        }
      } finally {
        line = null
      }
      if (!signal.aborted) throw new Error(`reader ${id}: the line closed by itself`)
    },
    tell(outcome: Outcome) {
      if (line === null) return
      const { port, decoder } = line
      // A light that does not shine is no reason to stop reading: what is wrong with the line is found by reading it.
      say(port, decoder.tell(outcome, clock.monotonicMs())).catch(() => {})
    },
  }
}

async function nextOrDue(
  next: Promise<IteratorResult<Uint8Array>>,
  dueMs: number | null,
  clock: Clock,
): Promise<IteratorResult<Uint8Array> | 'due'> {
  if (dueMs === null) return next
  const came = new AbortController()
  const due = clock.after(Math.max(0, dueMs - clock.monotonicMs()), came.signal).then(() => 'due' as const)
  try {
    return await Promise.race([next, due])
  } finally {
    came.abort()
  }
}

function nameOf(credential: Credential): string {
  if (credential.kind === 'code') return `code ${credential.text}`
  const { technology, bitCount, bits } = credential.card
  return `${credential.kind} ${technology} ${bitCount} ${bits}`
}
