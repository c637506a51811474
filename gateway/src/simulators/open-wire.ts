import type { WireConfig } from './config.ts'
import type { Features } from './device.ts'
import { hidTcpWire } from './hid-tcp-wire.ts'
import { ptyWire } from './pty-wire.ts'
import { tcpWire } from './tcp-wire.ts'
import type { OnBytes, Wire } from './wire.ts'

/** The far end of a line, as it is configured. */
export function openWire(config: WireConfig, onBytes: OnBytes, features?: Features): Promise<Wire> {
  switch (config.kind) {
    case 'pty':
      return ptyWire({ ...config, onBytes })
    case 'tcp':
      return tcpWire({ ...config, onBytes })
    case 'hid-tcp':
      return hidTcpWire({ ...config, onReport: onBytes, features })
  }
}
