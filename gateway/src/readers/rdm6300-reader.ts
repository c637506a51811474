import type { Clock, OpenPort, Reader } from '../ports.ts'
import { onePresentation } from './one-presentation.ts'
import { type DroppedFrame, rdm6300Frames } from './rdm6300-frames.ts'

/** The reader repeats a tag every 65 ms for as long as it lies there. */
const QUIET_MS = 300

export type Rdm6300ReaderNeeds = {
  readonly id: string
  readonly open: OpenPort
  readonly clock: Clock
  /** Told of each frame that was not one; a wire that hums is found by their number. */
  readonly dropped: (why: DroppedFrame) => void
}

/** An RDM6300, RDM630, ID-12 or ID-20 for EM4100 cards, 9600 8N1. */
export function rdm6300Reader({ id, open, clock, dropped }: Rdm6300ReaderNeeds): Reader {
  return {
    id,
    async *scans(signal) {
      await using port = await open(signal)
      const isNew = onePresentation(QUIET_MS)
      for await (const data of rdm6300Frames(port.incoming, dropped)) {
        const atMs = clock.monotonicMs()
        if (!isNew(data, atMs)) continue
        const card = { technology: 'em4100', bitCount: 40, bits: data.toLowerCase() } as const
        yield { readerId: id, credential: { kind: 'card', card }, atMs }
      }
      if (!signal.aborted) throw new Error(`reader ${id}: the line closed by itself`)
    },
  }
}
