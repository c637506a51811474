import type { WireConfig } from './config.ts'
import { ptyWire } from './pty-wire.ts'
import { tcpWire } from './tcp-wire.ts'
import type { OnBytes, Wire } from './wire.ts'

/** The far end of a line, as it is configured. */
export function openWire(config: WireConfig, onBytes: OnBytes): Promise<Wire> {
  return config.kind === 'pty' ? ptyWire({ ...config, onBytes }) : tcpWire({ ...config, onBytes })
}
