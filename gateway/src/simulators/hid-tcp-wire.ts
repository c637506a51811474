import type { ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { type ReportFrame, reportFrame, reportSplitter } from '../devices/report-frames.ts'
import type { Features } from './device.ts'
import { tcpWire } from './tcp-wire.ts'
import type { OnBytes, Wire } from './wire.ts'

export type HidTcpWireNeeds = {
  readonly port: number
  readonly onReport: OnBytes
  /** Absent: every feature report is refused. */
  readonly features?: Features | undefined
}

const NOTHING = new Uint8Array()

/** The far end of a HID device's reports over TCP, on this machine. */
export async function hidTcpWire({ port, onReport, features }: HidTcpWireNeeds): Promise<Wire<ReportPortConfig>> {
  let split = reportSplitter()
  const heard = ({ kind, report }: ReportFrame) => {
    if (kind === 'output') onReport(report)
    if (kind === 'setFeature') answer(features?.set(report) === true ? NOTHING : null)
    if (kind === 'getFeature') {
      const bytesMax = ((report[1] ?? 0) << 8) | (report[2] ?? 0)
      answer(features?.get(report[0] ?? 0)?.subarray(0, bytesMax) ?? null)
    }
  }
  const answer = (report: Uint8Array | null) =>
    wire.send(report === null ? reportFrame('refused', NOTHING) : reportFrame('feature', report))
  const wire = await tcpWire({
    port,
    // Half a frame of the gate before is not joined to the first of this one.
    onGate: () => {
      split = reportSplitter()
    },
    onBytes: bytes => split(bytes)?.forEach(heard),
  })
  return {
    port: { kind: 'hid-tcp', host: wire.port.host, port: wire.port.port },
    send: report => wire.send(reportFrame('input', report)),
    close: wire.close,
  }
}
