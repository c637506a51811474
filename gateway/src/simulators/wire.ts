import type { PortConfig } from '@gatehouse/shared/wire/hardware/port.ts'

/** The far end of a line of bytes: where a simulated device stands. */
export type Wire = {
  /** How a gate reaches the near end. */
  readonly port: PortConfig
  send(bytes: Uint8Array): void
  close(): Promise<void>
}

/** Hears the bytes that a gate writes. */
export type OnBytes = (bytes: Uint8Array) => void
