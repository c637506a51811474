import { framedBytes } from '../core/framed-bytes.ts'

/** The length of the frame that these bytes begin with; 0: none begins here; null: more must come to say so. */
export type Measure = (bytes: Uint8Array) => number | null

/** No turnstile and no simulated board has a longer frame. */
const FRAME_BYTES_MAX = 64

/** Frames in a stream of bytes, whatever lies between them. `measure` has looked at the check. After a silence of `gapMs` half a frame is given up. */
export function framesIn(measure: Measure, gapMs: number): (chunk: Uint8Array, atMs: number) => Uint8Array[] {
  const frames = framedBytes<Uint8Array>(FRAME_BYTES_MAX, held => {
    const bytes = measure(held)
    if (bytes === null) return { kind: 'more' }
    return bytes === 0 ? { kind: 'none', why: null } : { kind: 'frame', frame: held.slice(0, bytes), bytes }
  })
  let lastMs = Number.NEGATIVE_INFINITY
  return (chunk, atMs) => {
    if (atMs - lastMs > gapMs) frames.forget()
    lastMs = atMs
    // Bytes that began no frame are told without a reason, and so not at all.
    return frames.take(chunk).filter(found => found instanceof Uint8Array)
  }
}
