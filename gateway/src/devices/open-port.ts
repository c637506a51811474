import type { PortConfig } from '@gatehouse/shared/wire/gate-config.ts'
import type { OpenPort } from '../ports.ts'
import { openSerialPort } from './serial-port.ts'
import { openTcpPort } from './tcp-port.ts'

/** How a configured port is opened. */
export function portOpener(config: PortConfig): OpenPort {
  if (config.kind === 'tcp') return signal => openTcpPort(config, signal)
  return signal => openSerialPort(config, signal)
}

/** One text for one line: two devices said to be on the same line share it. */
export function portName(config: PortConfig): string {
  return config.kind === 'tcp' ? `${config.host}:${config.port}` : config.path
}
