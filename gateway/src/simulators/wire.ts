import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'

/** The far end of a line of bytes, or of reports: where a simulated device stands. */
export type Wire<Port extends PortConfig | ReportPortConfig = PortConfig | ReportPortConfig> = {
  /** How a gate reaches the near end. */
  readonly port: Port
  send(bytes: Uint8Array): void
  close(): Promise<void>
}

/** Hears the bytes, or the report, that a gate writes. */
export type OnBytes = (bytes: Uint8Array) => void
