import { toHex } from '@gatehouse/shared/bytes.ts'

/** Frames kept for whoever asks. */
const FRAMES_MAX = 20

/** What a simulated relay did, as somebody beside the door would have heard it. */
export type RelayState = {
  readonly energised: boolean
  /** How often it went from off to on. */
  readonly pulses: number
  /** The last frames to its board that were frames, oldest first, in hexadecimal. */
  readonly frames: readonly string[]
}

export type RelayContacts = {
  state(channel: number): RelayState
  heard(frame: Uint8Array): void
  isOn(channel: number): boolean
  set(channel: number, energised: boolean): void
  onChange(hear: (channel: number, energised: boolean) => void): void
}

/** The relays of one simulated board. */
export function relayContacts(): RelayContacts {
  const on = new Set<number>()
  const pulses = new Map<number, number>()
  let frames: string[] = []
  let hear = (_channel: number, _energised: boolean) => {}
  return {
    state: channel => ({ energised: on.has(channel), pulses: pulses.get(channel) ?? 0, frames }),
    heard(frame) {
      frames = [...frames, toHex(frame)].slice(-FRAMES_MAX)
    },
    isOn: channel => on.has(channel),
    set(channel, energised) {
      if (on.has(channel) === energised) return
      if (energised) {
        on.add(channel)
        pulses.set(channel, (pulses.get(channel) ?? 0) + 1)
      } else on.delete(channel)
      hear(channel, energised)
    },
    onChange(next) {
      hear = next
    },
  }
}
