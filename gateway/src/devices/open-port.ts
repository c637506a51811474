import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import type { OpenPort, ReportPort } from '../ports.ts'
import { type HidNeeds, openHidPort } from './hid-port.ts'
import { outputLine, type ReportLine } from './report-line.ts'
import { openSerialPort } from './serial-port.ts'
import { openTcpPort } from './tcp-port.ts'
import { openTcpReportPort } from './tcp-report-port.ts'

/** How a configured line of bytes is opened. */
export function portOpener(config: PortConfig): OpenPort {
  if (config.kind === 'tcp') return signal => openTcpPort(config, signal)
  return signal => openSerialPort(config, signal)
}

/** Opens a HID device; `signal` gives up the opening, and closes what was opened. Throws one sentence with the remedy. */
export type OpenReports = (signal: AbortSignal) => Promise<ReportPort>

/** How a configured HID device is opened. */
export function reportPortOpener(config: ReportPortConfig, needs: HidNeeds = {}): OpenReports {
  if (config.kind === 'hid-tcp') return signal => openTcpReportPort(config, signal)
  return signal => openHidPort(config, needs, signal)
}

/** How a reader's line is opened, whether bytes come on it or reports, each then a chunk of its own. */
export function linePortOpener(
  config: PortConfig | ReportPortConfig,
  line: ReportLine = outputLine,
  needs: HidNeeds = {},
): OpenPort {
  if (config.kind === 'serial' || config.kind === 'tcp') return portOpener(config)
  const open = reportPortOpener(config, needs)
  return async signal => {
    const port = await open(signal)
    try {
      return await line(port)
    } catch (error) {
      await port[Symbol.asyncDispose]()
      throw error
    }
  }
}
