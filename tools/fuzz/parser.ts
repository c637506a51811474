import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { inPieces, mutated, type Random, randomFrom } from './mutate.ts'

/** Something that a parser took for right. */
export type Accepted = {
  readonly words: string
  /** Whether the last bytes that came hold a frame that is right and says this. */
  isProved(stream: Buffer): boolean
}

/** Something that is fed bytes from outside and accepts some of them. */
export type Parser = {
  readonly name: string
  /** Frames that are right. */
  readonly frames: readonly Uint8Array[]
  /** A chunk is a whole of its own, and no stream. */
  readonly isWhole: boolean
  make(): (chunk: Uint8Array) => readonly Accepted[]
}

/** Bytes that are looked at for a proof: longer than any frame. */
const STREAM_BYTES = 2_048
const TURN_EVERY = 200

export type Fuzzed = {
  readonly accepted: number
  /** What was accepted and should not have been, the first of them; with the bytes before it in hexadecimal. */
  readonly wrong: readonly string[]
  readonly bytes: number
}

/** Feeds so many mutated frames. A throw is the caller's to see. */
export async function fuzz(parser: Parser, frames: number, seed: number): Promise<Fuzzed> {
  const random: Random = randomFrom(seed)
  let feed = parser.make()
  let stream = Buffer.alloc(0)
  const wrong: string[] = []
  let accepted = 0
  let bytes = 0
  for (let turn = 0; turn < frames; turn++) {
    // As on a wire, where the loop turns between two chunks: streams put off what they are done with.
    if (turn % TURN_EVERY === 0) await turnOfTheLoop()
    // A line that is opened again begins anew, and so does what reads it.
    if (random(1_000) === 0) {
      feed = parser.make()
      stream = Buffer.alloc(0)
    }
    const frame = parser.frames[random(parser.frames.length)]!
    const sent = mutated(frame, parser.frames[random(parser.frames.length)]!, random)
    bytes += sent.length
    for (const piece of parser.isWhole ? [sent] : inPieces(sent, random)) {
      const found = feed(piece)
      stream = Buffer.concat([stream, piece]).subarray(-STREAM_BYTES)
      for (const one of found) {
        accepted++
        if (wrong.length < 5 && !one.isProved(stream))
          wrong.push(`${one.words} after ${stream.subarray(-200).toString('hex')}`)
      }
    }
  }
  return { accepted, wrong, bytes }
}
