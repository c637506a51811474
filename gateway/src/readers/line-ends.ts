import { gatheredText } from './gathered-text.ts'
import { lineSplitter } from './lines.ts'

const STX = 0x02
const ETX = 0x03

/** This much silence ends a code where nothing else does: 48 characters at 9600 baud, and less than a person takes between two codes. */
export const GAP_MS = 50

/** The texts of a line, however they end; null stands for one that was too long. */
export type Texts = {
  take(chunk: Uint8Array, atMs: number): readonly (string | null)[]
  dueMs(): number | null
  due(atMs: number): readonly (string | null)[]
}

/** A code to a line, ended by CR, LF or both. */
export function endedByLine(bytesMax: number): Texts {
  return { take: lineSplitter(bytesMax), dueMs: () => null, due: () => [] }
}

/**
 * A code between STX and ETX, as Metrologic and others frame it: a CR within is part of the code. A STX in the middle
 * begins anew; what is outside of a frame is noise.
 */
export function endedByEtx(bytesMax: number): Texts {
  const text = gatheredText(bytesMax)
  let within = false
  return {
    take(chunk) {
      const texts: (string | null)[] = []
      for (const byte of chunk) {
        if (byte === STX) {
          text.forget()
          within = true
        } else if (byte === ETX) {
          if (within) texts.push(text.end())
          within = false
        } else if (within) text.add(byte)
      }
      return texts
    },
    dueMs: () => null,
    due: () => [],
  }
}

/** A code ended by silence, for scanners that send nothing after it. CR and LF at its end are taken off. */
export function endedByGap(bytesMax: number): Texts {
  const text = gatheredText(bytesMax)
  let endsMs: number | null = null
  const due = (atMs: number) => {
    if (endsMs === null || atMs < endsMs) return []
    endsMs = null
    return [text.end()?.replace(/[\r\n]+$/, '') ?? null]
  }
  return {
    take(chunk, atMs) {
      // The chunk may be here before anybody asked whether the gap was over.
      const before = due(atMs)
      for (const byte of chunk) text.add(byte)
      if (chunk.length > 0) endsMs = atMs + GAP_MS
      return before
    },
    dueMs: () => endsMs,
    due,
  }
}
