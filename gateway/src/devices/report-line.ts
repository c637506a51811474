import type { BytePort, ReportPort } from '../ports.ts'
import { incomingReports } from './incoming-reports.ts'

/** How a family speaks over reports where it is read as a line of chunks. */
export type ReportLine = (port: ReportPort) => Promise<BytePort>

/** A chunk is an input report; what is written is an output report. */
export const outputLine: ReportLine = async port => ({
  incoming: port.reports,
  write: report => port.write(report),
  [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
})

/**
 * What is written is a feature report, and the chunk that it gives is the feature report read after it, of at most so many
 * bytes. What the device says by itself is not heard.
 */
export function featureLine(bytesMax: number): ReportLine {
  return async port => {
    const incoming = incomingReports()
    const unheard = async () => {
      for await (const _ of port.reports);
    }
    unheard().then(() => incoming.end(), incoming.end)
    return {
      incoming: incoming.reports,
      async write(report) {
        await port.sendFeature(report)
        incoming.push(await port.feature(report[0] ?? 0, bytesMax))
      },
      [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
    }
  }
}
