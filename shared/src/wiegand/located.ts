import type { CustomFormat } from '../wire/hardware/card-format.ts'
import type { Field } from './formats.ts'
import { type CardNumbers, holds } from './frame.ts'

/** A run of bits that says the number on every card. Where it begins is known as far as the numbers are large. */
export type Place = {
  /** The first bit that some card needs, and the first that could belong to it: all between are 0 on every card. */
  readonly tightFrom: number
  readonly looseFrom: number
  readonly to: number
}

/** How wide card numbers usually are, the most usual in front. */
const WIDTHS = [16, 24, 20, 19, 32, 23]

/** Every place at which these bits say these numbers, the first on the wire in front. */
export function placesOf(numbers: readonly bigint[], binaries: readonly string[]): Place[] {
  const width = Math.max(...numbers.map(number => number.toString(2).length))
  const wanted = numbers.map(number => number.toString(2).padStart(width, '0'))
  const places: Place[] = []
  for (let tightFrom = 0; tightFrom + width <= binaries[0]!.length; tightFrom++) {
    if (!binaries.every((binary, at) => binary.startsWith(wanted[at]!, tightFrom))) continue
    let looseFrom = tightFrom
    while (looseFrom > 0 && binaries.every(binary => binary[looseFrom - 1] === '0')) looseFrom--
    places.push({ tightFrom, looseFrom, to: tightFrom + width - 1 })
  }
  return places
}

/**
 * The usual parity, where every card has it: the first bit makes the first half even, the last one the second half odd.
 * With an odd count of bits both halves have the middle one. On so many cards two bits agree by chance once in
 * 4 ^ cards, so this is a guess that holds, not knowledge.
 */
export function usualParity(binaries: readonly string[]): CustomFormat['parity'] {
  const bits = binaries[0]!.length
  const half = Math.ceil(bits / 2)
  const parities = [
    { at: 0, kind: 'even', from: 0, to: half - 1 },
    { at: bits - 1, kind: 'odd', from: bits - half, to: bits - 1 },
  ] as const
  const hold = parities.every(({ at, kind, from, to }) => {
    const over = Array.from({ length: to - from + 1 }, (_, index) => from + index)
    return binaries.every(binary => holds({ at, kind, over }, binary))
  })
  return hold ? parities.map(({ at, kind, from, to }) => ({ at, kind, over: `${from}-${to}` })) : []
}

/** A layout of which the numbers leave nothing open but where fields begin; `isSure` when not even that. */
export type LocatedLayout = { readonly format: CustomFormat; readonly isSure: boolean }

/** The layout in which the number stands at this place, and the facility code, where it is known, at that one. */
export function layoutAt(number: Place, facility: Place | null, binaries: readonly string[]): LocatedLayout {
  const bits = binaries[0]!.length
  const guess = usualParity(binaries)
  const taken = [number, ...(facility ? [facility] : [])]
  const parity = guess.every(({ at }) => taken.every(({ tightFrom, to }) => at < tightFrom || at > to)) ? guess : []
  const first = parity.length > 0 ? 1 : 0
  if (facility) {
    const fields = [facility, number].toSorted((a, b) => a.to - b.to)
    const [left, right] = fields as [Place, Place]
    const leftField = { from: Math.max(first, left.looseFrom), to: left.to }
    const rightField = { from: Math.max(left.to + 1, right.looseFrom), to: right.to }
    const [facilityField, numberField] = left === facility ? [leftField, rightField] : [rightField, leftField]
    return { format: { bits, facility: facilityField, number: numberField, parity }, isSure: true }
  }
  const loosest = Math.max(first, number.looseFrom)
  const from = loosest === first ? first : beginningOf(number, loosest)
  const rest = { from: first, to: from - 1 }
  const isConstant = rest.to >= rest.from && isSame(binaries.map(binary => binary.slice(rest.from, rest.to + 1)))
  return {
    format: { bits, ...(isConstant ? { facility: rest } : {}), number: { from, to: number.to }, parity },
    isSure: loosest === first || loosest === number.tightFrom,
  }
}

function beginningOf({ tightFrom, to }: Place, loosest: number): number {
  const width = WIDTHS.find(width => to - width + 1 >= loosest && to - width + 1 <= tightFrom)
  return width === undefined ? loosest : to - width + 1
}

/** Facility codes of all cards, or null where one does not say it. */
export function facilitiesOf(printed: readonly CardNumbers[]): bigint[] | null {
  const facilities = printed.flatMap(({ facility }) => (facility === null ? [] : [facility]))
  return facilities.length === printed.length ? facilities : null
}

export function overlaps(a: Place, b: Place): boolean {
  return a.tightFrom <= b.to && b.tightFrom <= a.to
}

export function isSame(values: readonly unknown[]): boolean {
  return new Set(values).size === 1
}

export function fieldWords({ from, to }: Field): string {
  return `bits ${from} to ${to}`
}
