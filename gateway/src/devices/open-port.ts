import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import type { OpenPort } from '../ports.ts'
import { openSerialPort } from './serial-port.ts'
import { openTcpPort } from './tcp-port.ts'

/** How a configured line of bytes is opened. */
export function portOpener(config: PortConfig): OpenPort {
  if (config.kind === 'tcp') return signal => openTcpPort(config, signal)
  return signal => openSerialPort(config, signal)
}

/** How a reader's line is opened, whether bytes come on it or reports, each then a chunk of its own. */
export function linePortOpener(config: PortConfig | ReportPortConfig): OpenPort {
  if (config.kind === 'serial' || config.kind === 'tcp') return portOpener(config)
  throw new Error('HID devices are read by the report port')
}
