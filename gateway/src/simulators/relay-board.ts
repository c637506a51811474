import { toHex } from '@gatehouse/shared/bytes.ts'

/** Frames kept for whoever asks. */
const FRAMES_MAX = 20

/** What a simulated relay did, as somebody beside the door would have heard it. */
export type RelayState = {
  readonly energised: boolean
  /** How often it went from off to on. */
  readonly pulses: number
  /** The last frames that were frames, oldest first, in hexadecimal. */
  readonly frames: readonly string[]
}

export type RelayContact = {
  state(): RelayState
  heard(frame: Uint8Array): void
  set(energised: boolean): void
}

export function relayContact(): RelayContact {
  let energised = false
  let pulses = 0
  let frames: string[] = []
  return {
    state: () => ({ energised, pulses, frames }),
    heard(frame) {
      frames = [...frames, toHex(frame)].slice(-FRAMES_MAX)
    },
    set(next) {
      if (next && !energised) pulses++
      energised = next
    },
  }
}

/** A board at the far end: takes bytes, answers through `send`. */
export type RelayBoard = { receive(bytes: Uint8Array): void; state(): RelayState }
