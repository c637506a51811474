/** MQTT 3.1.1 section 2.2.3: the remaining length is at most four bytes of seven bits. */
const LENGTH_BYTES_MAX = 4
const CONNECT = 1

export type GaugeLimits = {
  /** Whole CONNECT packet. Ours are below 2 KB; a signed token is the largest part. */
  readonly connectBytesMax: number
  /** Any packet after it. */
  readonly packetBytesMax: number
}

export type Refused = 'not_mqtt' | 'too_large'

export type Gauge = {
  /**
   * How many of these bytes may pass now. Less than all: the CONNECT is whole and nothing behind it may pass until
   * `accept` was called; offer the rest again then. A word: the connection must end.
   */
  take(bytes: Uint8Array): { readonly pass: number } | { readonly refuse: Refused }
  /** The CONNECT was accepted. */
  accept(): void
}

/**
 * Measures the packets of a connection by their fixed headers as the bytes come by. A length is believed only as far
 * as the limit, so what is behind it never holds more than one packet of a size we allow.
 */
export function packetGauge({ connectBytesMax, packetBytesMax }: GaugeLimits): Gauge {
  let accepted = false
  let connectSeen = false
  /** Bytes of the packet that are still to come; null between packets and inside a header. */
  let left: number | null = null
  let header = { bytes: 0, type: 0, length: 0 }

  /** One byte of a fixed header. */
  function read(byte: number): Refused | null {
    header.bytes++
    if (header.bytes === 1) {
      header.type = byte >> 4
      return !connectSeen && header.type !== CONNECT ? 'not_mqtt' : null
    }
    header.length += (byte & 0x7f) * 128 ** (header.bytes - 2)
    if (byte & 0x80) return header.bytes === LENGTH_BYTES_MAX + 1 ? 'not_mqtt' : null

    if (header.bytes + header.length > (connectSeen ? packetBytesMax : connectBytesMax)) return 'too_large'
    left = header.length
    return null
  }

  return {
    take(bytes) {
      let at = 0
      while (at < bytes.length) {
        if (connectSeen && !accepted) return { pass: at }
        if (left === null) {
          const refuse = read(bytes[at++]!)
          if (refuse !== null) return { refuse }
        }
        if (left === null) continue

        const step = Math.min(left, bytes.length - at)
        at += step
        left -= step
        if (left > 0) break
        left = null
        connectSeen = true
        header = { bytes: 0, type: 0, length: 0 }
      }
      return { pass: at }
    },
    accept() {
      accepted = true
    },
  }
}
