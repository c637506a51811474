import { incomingReports } from '../devices/incoming-reports.ts'
import type { ReportPort } from '../ports.ts'
import type { Features } from '../simulators/device.ts'

export type MemoryReportPort = ReportPort & {
  readonly outputs: Uint8Array[]
  readonly closed: boolean
  feed(...reports: readonly Uint8Array[]): void
  hangUp(lost?: Error): void
}

/** A HID device in memory; without features it refuses every feature report. */
export function memoryReportPort(features?: Features): MemoryReportPort {
  const incoming = incomingReports()
  const outputs: Uint8Array[] = []
  let closed = false
  return {
    reports: incoming.reports,
    outputs,
    get closed() {
      return closed
    },
    feed(...reports) {
      for (const report of reports) incoming.push(report)
    },
    hangUp: lost => incoming.end(lost),
    async write(report) {
      outputs.push(report)
    },
    async sendFeature(report) {
      if (features?.set(report) !== true) throw new Error('could not send feature report to device')
    },
    async feature(reportId, bytesMax) {
      const report = features?.get(reportId)
      if (report == null) throw new Error('could not get feature report from device')
      return report.subarray(0, bytesMax)
    },
    async [Symbol.asyncDispose]() {
      closed = true
      incoming.end()
    },
  }
}
