import type { Credential, Outcome } from '../ports.ts'

/** What a decoder makes of what came. */
export type Decoded =
  | { readonly kind: 'scan'; readonly credential: Credential }
  /** Bytes, or one report, to say to the device. */
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** A frame that was none, or whose check did not come out. Noise between frames is not counted: an idle line hums. */
  | { readonly kind: 'dropped'; readonly why: string }

/**
 * What a family of readers says and means: a pure machine over chunks of bytes, or over reports where each chunk is
 * one. It is made anew for every line that is opened, so that no half frame is joined to the next. Times are
 * milliseconds of any one clock that only rises. Nothing in it grows with what is sent to it.
 */
export type Decoder = {
  /** What is said on a line that was just opened. */
  begin(atMs: number): readonly Decoded[]
  take(chunk: Uint8Array, atMs: number): readonly Decoded[]
  /** When it wants to be asked again although nothing comes: a gap that ends a line, a poll, a repeat. Null: not at all. */
  dueMs(): number | null
  due(atMs: number): readonly Decoded[]
  /** How the device tells a person. */
  tell(outcome: Outcome, atMs: number): readonly Decoded[]
}

/** A decoder that only listens, as most do; the rest is said by those that do more. */
export function listening(take: Decoder['take'], more: Partial<Decoder> = {}): Decoder {
  return { begin: () => [], take, dueMs: () => null, due: () => [], tell: () => [], ...more }
}
