/**
 * Reports held for a driver that is busy: four seconds of the fastest keyboard. Beyond it the line is given up, because a
 * code from whose middle a report was dropped can be some other valid code.
 */
const WAITING_REPORTS_MAX = 4_096

export type IncomingReports = {
  readonly reports: AsyncIterable<Uint8Array>
  /** False when nobody reads them fast enough: the caller ends the line. */
  push(report: Uint8Array): boolean
  /** The end, for whichever reason; the first one stands. */
  end(lost?: Error): void
}

/** Turns the callbacks of a HID device into reports to iterate over, with a bound. */
export function incomingReports(): IncomingReports {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let ended = false
  const reports = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      cancel() {
        ended = true
      },
    },
    new CountQueuingStrategy({ highWaterMark: WAITING_REPORTS_MAX }),
  )
  return {
    reports,
    push(report) {
      if (ended) return true
      if ((controller.desiredSize ?? 0) <= 0) return false
      controller.enqueue(report)
      return true
    },
    end(lost) {
      if (ended) return
      ended = true
      if (lost) controller.error(lost)
      else controller.close()
    },
  }
}
