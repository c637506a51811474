/** What may be wrong with a line, each from 0 to 1 for a chunk that is sent over it. */
export type LineFaults = {
  readonly drop: number
  readonly corrupt: number
  readonly duplicate: number
  readonly delay: number
  /** How long a chunk that is delayed may take. */
  readonly delayMsMax: number
}

export const NO_FAULTS: LineFaults = { drop: 0, corrupt: 0, duplicate: 0, delay: 0, delayMsMax: 0 }

export type Arrival = { readonly bytes: Uint8Array; readonly afterMs: number }

/** What arrives of a chunk, and when. `random`: from 0 to below 1. */
export function arrivals(chunk: Uint8Array, faults: LineFaults, random: () => number): Arrival[] {
  if (random() < faults.drop) return []
  const copies = random() < faults.duplicate ? 2 : 1
  return Array.from({ length: copies }, () => {
    const bytes = Uint8Array.from(chunk)
    if (random() < faults.corrupt) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
    const afterMs = random() < faults.delay ? Math.floor(random() * faults.delayMsMax) : 0
    return { bytes, afterMs }
  })
}
