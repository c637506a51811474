/**
 * Reports of a HID device on a stream of bytes: kind, length in two bytes (big-endian), and the report, its id first where
 * the device numbers its reports and 0 where hidapi wants one. Our own framing, for a serial server beside the device
 * and for simulators.
 */
const KINDS = {
  /** From the device: what it says by itself. */
  input: 1,
  output: 2,
  /** Answered by an empty `feature`, or `refused`. */
  setFeature: 3,
  /** Report id, and in two bytes the most that is wanted. Answered by `feature` or `refused`. */
  getFeature: 4,
  feature: 5,
  /** The device stalled. */
  refused: 6,
} as const
export type ReportKind = keyof typeof KINDS

export type ReportFrame = { readonly kind: ReportKind; readonly report: Uint8Array }

const HEAD_BYTES = 3

/** The longest report of a device that reads cards, codes or switches relays is 64 bytes and its id. */
export const REPORT_BYTES_MAX = 1_024

const KIND_OF = new Map(Object.entries(KINDS).map(([kind, byte]) => [byte as number, kind as ReportKind]))

export function reportFrame(kind: ReportKind, report: Uint8Array): Uint8Array {
  if (report.length > REPORT_BYTES_MAX) throw new Error(`a report of ${report.length} bytes`)
  const frame = new Uint8Array(HEAD_BYTES + report.length)
  frame.set([KINDS[kind], report.length >> 8, report.length & 0xff])
  frame.set(report, HEAD_BYTES)
  return frame
}

/**
 * The frames that each chunk completes; null when what comes is none, after which nothing more is read: a stream that is
 * cut by its lengths cannot be found again.
 */
export function reportSplitter(): (chunk: Uint8Array) => ReportFrame[] | null {
  const held = new Uint8Array(HEAD_BYTES + REPORT_BYTES_MAX)
  let length = 0
  return chunk => {
    const frames: ReportFrame[] = []
    for (const byte of chunk) {
      held[length++] = byte
      if (length < HEAD_BYTES) continue
      const kind = KIND_OF.get(held[0]!)
      const bytes = (held[1]! << 8) | held[2]!
      // Such a head stays where it is, and whatever comes after it is no frame either.
      if (kind === undefined || bytes > REPORT_BYTES_MAX) return null
      if (length === HEAD_BYTES + bytes) {
        frames.push({ kind, report: held.slice(HEAD_BYTES, length) })
        length = 0
      }
    }
    return frames
  }
}
