import {
  type CardText,
  type CustomFormat,
  WIEGAND_NAMES,
  type WiegandFormat,
  type WiegandName,
} from '../wire/hardware/card-format.ts'
import { frameOf } from './bits.ts'
import { cardOfFields, numbersOfCard } from './card-of-bits.ts'
import { type Field, layoutOf } from './formats.ts'
import { type CardNumbers, decodeFrame, mostOf } from './frame.ts'
import { facilitiesOf, fieldWords, isSame, layoutAt, overlaps, type Place, placesOf } from './located.ts'
import type { Fit, Reading } from './readings.ts'

/** What to write into the settings of a reader: its `format`, or, where it types, its `card`. */
export type Setting =
  | { readonly kind: 'format'; readonly format: WiegandFormat }
  | { readonly kind: 'card'; readonly card: CardText }

/** A setting under which every card says what is printed on it. */
export type Hypothesis = {
  readonly setting: Setting
  /** In decimal, where all cards have the same. */
  readonly facility: string | null
  /** `checked`: as the named format has it. `guessed`: the usual one, which held on every card. */
  readonly parity: 'checked' | 'guessed' | 'none'
  /** What a person should know before they write it down, in sentences. */
  readonly notes: readonly string[]
  /** Smaller is likelier: how much of the cards the setting explains. */
  readonly rank: number
  /** Where the numbers stand, counted from the last bit: one place is one hypothesis, by whichever name it explains most. */
  readonly place: string
}

/** Every setting that fits all cards, the likeliest in front, one for a place. */
export function hypothesesOf(readings: readonly Reading[], printed: readonly CardNumbers[]): Hypothesis[] {
  const all = readings
    .flatMap(reading => [...WIEGAND_NAMES.flatMap(name => named(reading, name, printed)), ...located(reading, printed)])
    .toSorted((a, b) => a.rank - b.rank)
  return all.filter((one, at) => !isOwn(one) || !all.slice(0, at).some(better => better.place === one.place))
}

function named(reading: Reading, name: WiegandName, printed: readonly CardNumbers[]): Hypothesis[] {
  const layout = layoutOf(name)
  const isWhole = reading.binaries[0]!.length === layout.bits
  const isProven = isWhole || (layout.facility !== null && facilitiesOf(printed) !== null)
  if (reading.fit === 'zeros' && !isProven) return []
  const said = reading.binaries.map(binary => numbersIn(binary, name, isWhole))
  if (!said.every((numbers, at) => numbers !== null && agrees(numbers, printed[at]!))) return []
  const facilities = said.map(numbers => numbers!.facility)
  const same = isSame(facilities) ? facilities[0]! : null
  const behind = isWhole ? layout.bits - 1 - layout.number.to : 0
  return [
    {
      setting: settingOf(reading, name),
      facility: same === null ? null : String(same),
      parity: isWhole ? 'checked' : 'none',
      notes: facilityNotes(layout.facility, facilities, printed),
      rank: (isWhole ? 0 : 2) + (reading.typed?.reversed ? 0.5 : 0),
      place: placeName(reading, behind),
    },
  ]
}

function numbersIn(binary: string, name: WiegandName, isWhole: boolean): CardNumbers | null {
  if (!isWhole) return numbersOfCard(cardOfFields(frameOf(binary), name).card)
  const decoded = decodeFrame(frameOf(binary), name)
  return decoded.ok ? decoded.value : null
}

function agrees(said: CardNumbers, printed: CardNumbers): boolean {
  return said.number === printed.number && (printed.facility === null || said.facility === printed.facility)
}

function facilityNotes(
  field: Field | null,
  facilities: readonly (bigint | null)[],
  printed: readonly CardNumbers[],
): string[] {
  if (field === null || facilitiesOf(printed) !== null) return []
  if (!isSame(facilities))
    return [`The facility code differs from card to card: ${[...new Set(facilities)].join(', ')}.`]
  return [`Facility code ${facilities[0]} is what the format makes of the bits; it was not given for every card.`]
}

/** Settings found by looking where the numbers stand. */
function located(reading: Reading, printed: readonly CardNumbers[]): Hypothesis[] {
  const { binaries } = reading
  const facilities = facilitiesOf(printed)
  const numberPlaces = placesOf(
    printed.map(({ number }) => number),
    binaries,
  )
  const facilityPlaces = facilities && placesOf(facilities, binaries)
  const pairs = numberPlaces.flatMap((number): (readonly [Place, Place | null])[] =>
    facilityPlaces === null
      ? [[number, null]]
      : facilityPlaces
          .filter(place => !overlaps(place, number))
          .toSorted((a, b) => distance(a, number) - distance(b, number))
          .map(place => [number, place]),
  )
  return pairs.flatMap(([number, facility]) => [
    ...technologies(reading, number, facility),
    ...own(reading, number, facility, facilities),
  ])
}

/** Cards whose whole number a reader types. The printed one stands at its end. */
function technologies(reading: Reading, number: Place, facility: Place | null): Hypothesis[] {
  const { typed, binaries, fit } = reading
  const bits = binaries[0]!.length
  if (typed === null || fit !== 'usual' || number.to !== bits - 1) return []
  const found = (format: CardText['format'], rank: number, notes: readonly string[]): Hypothesis[] => [
    {
      setting: { kind: 'card', card: { ...typed, format } },
      facility: null,
      parity: 'none',
      notes,
      rank: rank + (typed.reversed ? 0.5 : 0),
      place: placeName(reading, 0),
    },
  ]
  // EM4100 cards are printed with the low 32 bits in decimal, or with 8 and 16 of them as 072,09186.
  if (bits === 40 && (facility === null || facility.to === bits - 17)) return found('em4100', 3, [])
  if (facility !== null) return []
  // ISO/IEC 15693-3 clause 4.1: the identifier begins with E0.
  if (bits === 64 && binaries.every(binary => binary.startsWith('11100000'))) return found('iso15693', 3, [])
  if (bits !== 32 && bits !== 56 && bits !== 80) return []
  const order =
    'A printed number does not tell which byte the card sends first; a phone that shows the UID does, if other readers of the site are to know the same card.'
  return [
    ...found('iso14443a', 3, [order]),
    ...(bits === 32 ? found('raw', 5, ['A 125 kHz card of which the reader types 32 bits of 40.']) : []),
  ]
}

function own(
  reading: Reading,
  number: Place,
  facility: Place | null,
  facilities: readonly bigint[] | null,
): Hypothesis[] {
  const { binaries, typed, fit } = reading
  const { format, isSure } = layoutAt(number, facility, binaries)
  const isGuessed = format.parity.length > 0
  if (fit === 'zeros' || (fit === 'rounded' && !isGuessed)) return []
  const bits = format.bits
  const isAll = format.number.from === 0 && format.number.to === bits - 1
  const deduced = format.facility && BigInt(`0b${binaries[0]!.slice(format.facility.from, format.facility.to + 1)}`)
  const code = facilities === null ? (deduced ?? null) : isSame(facilities) ? facilities[0]! : null
  return [
    {
      setting: settingOf(reading, isAll ? 'raw' : format),
      facility: code === null ? null : String(code),
      parity: isGuessed ? 'guessed' : 'none',
      notes: isAll ? [] : ownNotes(format, isSure, facilities === null, binaries.length),
      rank: ownRank(fit, isGuessed, binaries.length) + (typed?.reversed ? 0.5 : 0),
      place: placeName(reading, bits - 1 - number.to),
    },
  ]
}

function ownNotes(format: CustomFormat, isSure: boolean, isDeduced: boolean, cards: number): string[] {
  const { number, facility, parity } = format
  return [
    parity.length > 0
      ? `The parity is a guess that held on ${cards} cards: by chance it does once in ${4 ** cards}.`
      : 'No usual parity holds on every card, so that none is checked.',
    ...(isSure ? [] : [`Where the number begins is a guess: a card numbered above ${mostOf(number)} would tell.`]),
    ...(facility && isDeduced
      ? [`What ${fieldWords(facility)} say is the same on every card; that this is the facility code is a guess.`]
      : []),
  ]
}

function settingOf({ typed }: Reading, format: WiegandFormat): Setting {
  return typed === null ? { kind: 'format', format } : { kind: 'card', card: { ...typed, format } }
}

function placeName({ typed }: Reading, behind: number): string {
  return `${typed?.base ?? 'bits'}${typed?.reversed ? ' reversed' : ''} ${behind}`
}

/** Of several counts of bits that are tried, one finds its parity by chance: three cards do not tell. */
function ownRank(fit: Fit, isGuessed: boolean, cards: number): number {
  if (fit === 'rounded') return cards > 3 ? 4.25 : 6.25
  return isGuessed ? 4 : 6
}

/** A facility code stands in front of the number, and mostly next to it. */
function distance(facility: Place, number: Place): number {
  return facility.to < number.to ? number.to - facility.to : 1000 + facility.to
}

/** One that was put together here; the others are known to the world by a name. */
function isOwn({ setting, rank }: Hypothesis): boolean {
  const format = setting.kind === 'format' ? setting.format : setting.card.format
  return typeof format === 'object' || (format === 'raw' && rank >= 6)
}
