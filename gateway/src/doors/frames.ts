import { concat } from '@gatehouse/shared/bytes.ts'

/** The length of the frame that these bytes begin with; 0: none begins here; null: more must come to say so. */
export type Measure = (bytes: Uint8Array) => number | null

/**
 * Frames in a stream of bytes, whatever lies between them. `measure` has looked at the check; it must know within a few
 * bytes, so that no more than the longest frame is ever held. After a silence of `gapMs` half a frame is given up.
 */
export function framesIn(measure: Measure, gapMs: number): (chunk: Uint8Array, atMs: number) => Uint8Array[] {
  let held: Uint8Array = new Uint8Array()
  let lastMs = Number.NEGATIVE_INFINITY
  return (chunk, atMs) => {
    const bytes = atMs - lastMs > gapMs ? chunk : concat(held, chunk)
    lastMs = atMs
    const frames: Uint8Array[] = []
    let at = 0
    while (at < bytes.length) {
      const length = measure(bytes.subarray(at))
      if (length === null) break
      if (length > 0) frames.push(bytes.slice(at, at + length))
      at += Math.max(1, length)
    }
    held = bytes.slice(at)
    return frames
  }
}
