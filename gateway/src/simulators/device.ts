import type { Result } from '@gatehouse/shared/result.ts'
import type { BoardConfig, BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { ReaderConfig, ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import type { Clock } from '../ports.ts'
import type { RelayState } from './relay-contacts.ts'

/** What is held to a reader, or typed on it. */
export type Held = {
  /** The bytes of a card in hexadecimal; of a Wiegand card its bits, left-justified, and their count: `80800080/26`. */
  readonly card?: string | undefined
  readonly qr?: string | undefined
  /** Digits of a PIN, as they are pressed. */
  readonly pin?: string | undefined
}

/** What a device at the far end is given: a way to speak, and the time. For a HID device each `send` is a report. */
export type FarEnd = { readonly send: (bytes: Uint8Array) => void; readonly clock: Clock }

/** Feature reports of a HID device, their id first. */
export type Features = {
  /** False: refused, as an endpoint that stalls. */
  set(report: Uint8Array): boolean
  get(reportId: number): Uint8Array | null
}

/** A reader at the far end of its line. */
export type ReaderDevice = {
  /** Hears what a gate says to it. */
  receive(bytes: Uint8Array): void
  readonly features?: Features
  /** Sends a credential exactly as the real one would, and says how many bytes that are; a failure is a sentence for the person who asked. */
  present(what: Held): Result<number, string>
}

/** A board at the far end of its line. Channels are those of its family. */
export type BoardDevice = {
  receive(bytes: Uint8Array): void
  readonly features?: Features
  state(channel: number): RelayState
  /** Hears of each output that goes on or off. */
  onChange(hear: (channel: number, energised: boolean) => void): void
  /** Somebody closes or opens the contact of an input; of a turnstile that tells passages itself, input 1 or 2 closed is one to the left or right. */
  contact(channel: number, closed: boolean): void
}

export type MakeReader<Family extends ReaderFamily> = (
  config: Extract<ReaderConfig, { family: Family }>,
  far: FarEnd,
) => ReaderDevice
export type MakeBoard<Family extends BoardFamily> = (
  config: Extract<BoardConfig, { family: Family }>,
  far: FarEnd,
) => BoardDevice
