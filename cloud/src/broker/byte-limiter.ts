import { Duplex } from 'node:stream'
import { type GaugeLimits, packetGauge, type Refused } from './packet-gauge.ts'

/** Why a connection was ended by the limiter. */
export type LimiterRefused = Refused | 'connect_late'

export type LimiterOptions = GaugeLimits & {
  /** From the first byte to an accepted CONNECT. */
  readonly connectDeadlineMs: number
  readonly onRefused: (why: LimiterRefused) => void
}

export type LimitedStream = Duplex & {
  /** The CONNECT was accepted: let the rest through, packet by packet. */
  accept(): void
}

/**
 * Stands between a connection and the embedded broker, which by itself buffers whatever a length in a header
 * promises (200 MB of one unauthenticated connection, measured). Bytes behind the CONNECT wait in the sender's
 * window until it is accepted.
 */
export function byteLimiter(below: Duplex, { connectDeadlineMs, onRefused, ...limits }: LimiterOptions): LimitedStream {
  const gauge = packetGauge(limits)
  let held: Buffer | null = null

  const stream = new Duplex({
    read: () => {
      if (held === null) below.resume()
    },
    write: (chunk: Buffer, _encoding, done) => {
      below.write(chunk, done)
    },
    // A packet is written in a dozen small pieces; together they are one TLS record and one WebSocket message.
    writev: (chunks, done) => {
      below.write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done)
    },
    final: done => {
      below.end(done)
    },
    destroy: (error, done) => {
      clearTimeout(deadline)
      below.destroy()
      done(error)
    },
  })

  const refuse = (why: LimiterRefused) => {
    onRefused(why)
    stream.destroy()
  }
  const deadline = setTimeout(() => refuse('connect_late'), connectDeadlineMs)

  function offer(chunk: Buffer): void {
    const taken = gauge.take(chunk)
    if ('refuse' in taken) {
      refuse(taken.refuse)
      return
    }
    held = taken.pass < chunk.length ? chunk.subarray(taken.pass) : null
    const wantsMore = taken.pass === 0 || stream.push(chunk.subarray(0, taken.pass))
    if (held !== null || !wantsMore) below.pause()
    else below.resume()
  }

  below.on('data', offer)
  below.on('end', () => stream.push(null))
  below.on('close', () => stream.destroy())
  below.on('error', error => stream.destroy(error))

  return Object.assign(stream, {
    accept() {
      clearTimeout(deadline)
      gauge.accept()
      const rest = held
      held = null
      if (rest === null) below.resume()
      else offer(rest)
    },
  })
}
