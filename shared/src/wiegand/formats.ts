import type { CustomFormat, WiegandName } from '../wire/hardware/card-format.ts'

/** Both ends counted; bit 0 is the first on the wire, and the first bit of a field its most significant. */
export type Field = { readonly from: number; readonly to: number }

export type Parity = {
  readonly at: number
  /** What the sum over `over` is on a card that was read well. */
  readonly kind: 'even' | 'odd'
  /** Every bit that is counted, the parity bit itself among them. */
  readonly over: readonly number[]
}

/** Where everything stands in the frame of a card. */
export type Layout = {
  /** Of the whole frame, parity included. */
  readonly bits: number
  readonly facility: Field | null
  readonly number: Field
  /** In the order in which they are computed: one may count another that was set before it. */
  readonly parity: readonly Parity[]
}

/** Layouts that have a name. Source: proxmark3, client/src/wiegand_formats.c, Pack_H10301 and its neighbours. */
export const LAYOUTS: Readonly<Record<WiegandName, Layout>> = {
  h10301: {
    bits: 26,
    facility: { from: 1, to: 8 },
    number: { from: 9, to: 24 },
    parity: [even(0, range(0, 12)), odd(25, range(13, 25))],
  },
  // 33 and 37 bits have a middle one: both halves count it.
  d10202: {
    bits: 33,
    facility: { from: 1, to: 7 },
    number: { from: 8, to: 31 },
    parity: [even(0, range(0, 16)), odd(32, range(16, 32))],
  },
  // Also called N10002 and N1002: bit by bit the same.
  h10306: {
    bits: 34,
    facility: { from: 1, to: 16 },
    number: { from: 17, to: 32 },
    parity: [even(0, range(0, 16)), odd(33, range(17, 33))],
  },
  // Corporate 1000. The last to be set, bit 0, counts the whole frame.
  c1k35s: {
    bits: 35,
    facility: { from: 2, to: 13 },
    number: { from: 14, to: 33 },
    parity: [even(1, [1, ...pairs(2, 33)]), odd(34, [34, ...pairs(1, 32)]), odd(0, range(0, 34))],
  },
  h10302: {
    bits: 37,
    facility: null,
    number: { from: 1, to: 35 },
    parity: [even(0, range(0, 18)), odd(36, range(18, 36))],
  },
  h10304: {
    bits: 37,
    facility: { from: 1, to: 16 },
    number: { from: 17, to: 35 },
    parity: [even(0, range(0, 18)), odd(36, range(18, 36))],
  },
  c1k48s: {
    bits: 48,
    facility: { from: 2, to: 23 },
    number: { from: 24, to: 46 },
    parity: [even(1, [1, ...pairs(3, 46)]), odd(47, [47, ...pairs(2, 45)]), odd(0, range(0, 47))],
  },
}

/** The layout of a format: by its name, or as an installer wrote it. */
export function layoutOf(format: WiegandName | CustomFormat): Layout {
  if (typeof format === 'string') return LAYOUTS[format]
  return {
    bits: format.bits,
    facility: format.facility ?? null,
    number: format.number,
    parity: format.parity.map(({ at, kind, over }) => ({ at, kind, over: [...new Set([at, ...bitsIn(over)])] })),
  }
}

/** The bits that a text such as `1,3-4,6` names. A range that runs backwards names none. */
export function bitsIn(ranges: string): number[] {
  return ranges.split(',').flatMap(part => {
    const [from, to] = part.split('-')
    return range(Number(from), Number(to ?? from))
  })
}

export function widthOf({ from, to }: Field): number {
  return to - from + 1
}

function even(at: number, over: readonly number[]): Parity {
  return { at, kind: 'even', over }
}

function odd(at: number, over: readonly number[]): Parity {
  return { at, kind: 'odd', over }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
}

/** Two of three: `from` and the bit after it, not the next, and so on up to `to`. */
function pairs(from: number, to: number): number[] {
  return range(from, to).filter(bit => (bit - from) % 3 < 2)
}
