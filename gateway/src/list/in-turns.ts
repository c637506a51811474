import { setImmediate as turn } from 'node:timers/promises'

/** A scan that comes during long work waits for this, and for the piece that is being done. */
const TURN_MS = 2

/** Does long work in pieces, a piece a `yield`, and lets the loop turn whenever they have taken long enough. */
export async function inTurns<Value>(pieces: Generator<void, Value>): Promise<Value> {
  let beganMs = performance.now()
  while (true) {
    const { done, value } = pieces.next()
    if (done) return value
    if (performance.now() - beganMs < TURN_MS) continue
    await turn()
    beganMs = performance.now()
  }
}
