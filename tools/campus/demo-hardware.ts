import type { PresentableKind } from '@gatehouse/shared/wire/api/gates.ts'
import type { BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { Contact, Output } from '@gatehouse/shared/wire/hardware/door-config.ts'
import type { ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'

/** What hangs on the demo's gates. A gate that facilities staff add is theirs to wire. */

export type DemoReader = {
  readonly id: string
  readonly kind: PresentableKind
  /** An ID-12 is an RDM6300 to the gate. */
  readonly family: ReaderFamily | 'id12'
}
export type DemoBoard = { readonly id: string; readonly family: BoardFamily }
export type DemoDoor = {
  readonly output: Output
  readonly interlock?: string
  readonly contacts?: { readonly passage?: Pick<Contact, 'board' | 'channel'> }
  /** Somebody goes through whenever the door is released: this input closes after a while. */
  readonly walker?: { readonly board: string; readonly channel: number; readonly afterMs: number }
}
export type DemoLane = { readonly readers: readonly DemoReader[]; readonly door: DemoDoor }
export type DemoGate = {
  /** `file`: described in its gate.json. `cloud`: on the dashboard, as facilities staff would. */
  readonly described: 'file' | 'cloud'
  readonly boards: readonly DemoBoard[]
  readonly lanes: Readonly<Record<string, DemoLane>>
}

const on = (board: string, channel: number) => ({ board, channel })
const card = (family: DemoReader['family']) => ({ id: 'card', kind: 'card', family }) as const
const qr = { id: 'qr', kind: 'qr', family: 'line' } as const
const passed = (channel: number) => ({
  contacts: { passage: on('turnstile', channel) },
  walker: { ...on('turnstile', channel), afterMs: 800 },
})

/** Another reader and another relay at each gate. */
const PLAIN: Readonly<Record<string, DemoGate>> = {
  north: {
    described: 'file',
    boards: [{ id: 'relays', family: 'lcus' }],
    lanes: {
      in: { readers: [card('rdm6300'), qr], door: { output: on('relays', 1) } },
      out: { readers: [card('id12'), qr], door: { output: on('relays', 2) } },
    },
  },
  south: {
    described: 'file',
    boards: [{ id: 'relays', family: 'modbus-flash' }],
    lanes: { in: { readers: [card('rdm6300'), qr], door: { output: on('relays', 1) } } },
  },
}

/**
 * What a school may have collected: a turnstile with two dry contacts and two passage inputs on a Modbus board with timed
 * pulses, a scanner, a card reader, a scanner that types like a keyboard, a keypad, and a door controller of our own.
 */
const MIXED: Readonly<Record<string, DemoGate>> = {
  north: {
    described: 'cloud',
    boards: [{ id: 'turnstile', family: 'modbus-flash' }],
    lanes: {
      in: {
        readers: [card('rdm6300'), qr],
        door: { output: on('turnstile', 1), interlock: 'turnstile', ...passed(1) },
      },
      out: {
        readers: [
          { id: 'wedge', kind: 'qr', family: 'wedge' },
          { id: 'keypad', kind: 'pin', family: 'keypad' },
        ],
        door: { output: on('turnstile', 2), interlock: 'turnstile', ...passed(2) },
      },
    },
  },
  south: {
    described: 'cloud',
    boards: [{ id: 'controller', family: 'controller' }],
    lanes: { in: { readers: [card('rdm6300'), qr], door: { output: on('controller', 1) } } },
  },
}

export const DEMO_HARDWARE = { plain: PLAIN, mixed: MIXED } as const
export type DemoHardware = keyof typeof DEMO_HARDWARE
