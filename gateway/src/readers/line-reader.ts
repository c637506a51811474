import type { Clock, OpenPort, Reader } from '../ports.ts'
import { lines } from './lines.ts'
import { onePresentation } from './one-presentation.ts'

/** Our longest code is 469 digits, an AIM id in front. The scanner will happily send 7 kB of anything. */
const CODE_BYTES_MAX = 512

/** The same code from the same reader within this time of its last sighting is the same person with the same phone. */
const SAME_CODE_MS = 3_000

/** Two phones side by side, or noise from the sun, must not make the first one's code a second scan: it would hear that it was used. */
const OTHERS_BETWEEN = 8

/** `]`, a letter for the symbology, a modifier: `]Q1`, `]C0` (ISO/IEC 15424). */
const AIM_ID = /^\][A-Za-z][0-9A-Za-z]/

export type LineReaderNeeds = {
  readonly id: string
  readonly open: OpenPort
  /** The scanner is set to send an AIM id in front. A payload may begin with `]` by itself, so it is never guessed. */
  readonly aimId: boolean
  readonly clock: Clock
}

/** A QR scanner that types each code down a line of bytes and ends it with CR, LF or both. */
export function lineReader({ id, open, aimId, clock }: LineReaderNeeds): Reader {
  return {
    id,
    async *scans(signal) {
      await using port = await open(signal)
      const isNew = onePresentation(SAME_CODE_MS, OTHERS_BETWEEN)
      for await (const line of lines(port.incoming, CODE_BYTES_MAX)) {
        const text = aimId ? line.replace(AIM_ID, '') : line
        const atMs = clock.monotonicMs()
        if (text !== '' && isNew(text, atMs)) yield { readerId: id, credential: { kind: 'code', text }, atMs }
      }
      if (!signal.aborted) throw new Error(`reader ${id}: the line closed by itself`)
    },
  }
}
