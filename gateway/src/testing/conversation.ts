import { ReaderConfig } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import type { Outcome } from '../ports.ts'
import type { Held } from '../simulators/device.ts'
import { readerDevice } from '../simulators/readers.ts'
import { wordsOf } from './decode.ts'
import { handClock } from './hand-clock.ts'
import { memoryPort } from './memory-port.ts'
import { readerOf } from './reader-of.ts'

const STEP_MS = 10

export type Conversation = {
  /** Scans so far, in the words of `decode`. */
  readonly scans: readonly string[]
  /** Why frames were dropped. */
  readonly dropped: readonly string[]
  /** What the driver wrote, a frame an entry, in hexadecimal. */
  readonly written: readonly string[]
  present(what: Held): void
  tell(outcome: Outcome): void
  /** Bytes on the line that the device did not send. */
  noise(...chunks: readonly (Uint8Array | string)[]): void
  /** Changes what the device says before it arrives; null: it is lost. */
  spoil(how: (bytes: Uint8Array) => Uint8Array | null): void
  /** Lets time go by for both. */
  pass(ms: number): Promise<void>
}

/** The driver of a reader and its simulated device at the ends of one line in memory, by a clock that is moved by hand. */
export function conversation(settings: { readonly family: string } & Record<string, unknown>): Conversation {
  const clock = handClock()
  const port = memoryPort()
  const [scans, dropped]: [string[], string[]] = [[], []]
  let spoil: (bytes: Uint8Array) => Uint8Array | null = bytes => bytes
  const config = ReaderConfig.parse({ id: 'reader', port: { kind: 'tcp', host: 'x', port: 1 }, ...settings })
  const device = readerDevice(config, {
    clock,
    send(bytes) {
      const arrived = spoil(bytes)
      if (arrived !== null) port.feed(arrived)
    },
  })
  port.answer = bytes => {
    device.receive(bytes)
    return null
  }
  const reader = readerOf(settings, { open: async () => port, clock, dropped: why => dropped.push(why) })
  void (async () => {
    for await (const { credential } of reader.scans(new AbortController().signal)) scans.push(wordsOf(credential))
  })()
  return {
    scans,
    dropped,
    written: port.written,
    present(what) {
      const sent = device.present(what)
      if (!sent.ok) throw new Error(sent.failure)
    },
    tell: reader.tell,
    noise: port.feed,
    spoil(how) {
      spoil = how
    },
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        await settled()
        clock.advance(STEP_MS)
      }
      await settled()
    },
  }
}

/** What was ready to happen has happened, a few hops of promises deep. */
async function settled() {
  for (let hop = 0; hop < 4; hop++) await new Promise(resolve => setImmediate(resolve))
}
