import type { BoardFamily } from '@gatehouse/shared/wire/hardware/board-config.ts'

/**
 * What hangs on the demo's gates: another reader and another relay at each, so that every family is seen working. A
 * gate that facilities staff add is theirs to wire.
 */
export type DemoReader = {
  readonly id: string
  readonly kind: 'card' | 'qr'
  readonly family: 'rdm6300' | 'id12' | 'line'
}
export type DemoDoor = { readonly family: BoardFamily; readonly channel: number }
export type DemoLane = { readonly readers: readonly DemoReader[]; readonly door: DemoDoor }

export const DEMO_HARDWARE: Readonly<Record<string, Readonly<Record<string, DemoLane>>>> = {
  north: {
    in: {
      readers: [
        { id: 'card', kind: 'card', family: 'rdm6300' },
        { id: 'qr', kind: 'qr', family: 'line' },
      ],
      door: { family: 'lcus', channel: 1 },
    },
    out: {
      readers: [
        { id: 'card', kind: 'card', family: 'id12' },
        { id: 'qr', kind: 'qr', family: 'line' },
      ],
      door: { family: 'lcus', channel: 2 },
    },
  },
  south: {
    in: {
      readers: [
        { id: 'card', kind: 'card', family: 'rdm6300' },
        { id: 'qr', kind: 'qr', family: 'line' },
      ],
      door: { family: 'modbus-flash', channel: 1 },
    },
  },
}
