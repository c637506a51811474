import type { BoardConfig } from './board-config.ts'
import { BOARD_WORDS, READER_WORDS } from './family-words.ts'
import { BOARD_FIELDS, DOOR_FIELDS, type Field, OWN_SHAPE, optionOf, READER_FIELDS } from './fields.ts'
import type { LaneConfig } from './lane-config.ts'
import type { ReaderConfig } from './reader-config.ts'

export type Hardware = { readonly boards: readonly BoardConfig[]; readonly lanes: readonly LaneConfig[] }

/** One thing that is new, gone or another, in words. */
export type Change = {
  /** `Way in: reader card`, `Way in: door`, `board relays` */
  readonly place: string
  /** `new: RDM6300, ID-12 or ID-20`, `Pulse, ms: 700 → 1500` */
  readonly what: string
}

/** What differs, boards first and then the lanes in their order; `before` is null where there was nothing. */
export function hardwareChanges(before: Hardware | null, after: Hardware): Change[] {
  const lanesBefore = before?.lanes ?? []
  const gone = lanesBefore.filter(({ lane }) => !after.lanes.some(other => other.lane === lane))
  return [
    ...paired(before?.boards ?? [], after.boards, ({ id }) => `board ${id}`, boardFacts),
    ...after.lanes.flatMap(lane => laneChanges(lanesBefore.find(other => other.lane === lane.lane) ?? null, lane)),
    ...gone.map(({ name }) => ({ place: name, what: 'taken away' })),
  ]
}

function laneChanges(before: LaneConfig | null, after: LaneConfig): Change[] {
  const { name, readers, door } = after
  const place = `${name}: door`
  return [
    ...paired(before?.readers ?? [], readers, ({ id }) => `${name}: reader ${id}`, readerFacts),
    ...(before === null
      ? [{ place, what: `new: ${sayDoor(after)}` }]
      : fieldChanges(DOOR_FIELDS, before.door, door).map(what => ({ place, what }))),
  ]
}

type Facts = { readonly title: string; readonly fields: readonly Field[] }

const readerFacts = ({ family }: ReaderConfig): Facts => ({
  title: READER_WORDS[family].title,
  fields: READER_FIELDS.get(family) ?? [],
})
const boardFacts = ({ family }: BoardConfig): Facts => ({
  title: BOARD_WORDS[family].title,
  fields: BOARD_FIELDS.get(family) ?? [],
})

function paired<Device extends { readonly id: string; readonly family: string }>(
  before: readonly Device[],
  after: readonly Device[],
  placeOf: (device: Device) => string,
  factsOf: (device: Device) => Facts,
): Change[] {
  const said = (device: Device) => {
    const was = before.find(({ id }) => id === device.id)
    const { title, fields } = factsOf(device)
    if (was === undefined) return [`new: ${title}`]
    if (was.family !== device.family) return [`${factsOf(was).title} → ${title}`]
    return fieldChanges(fields, was, device)
  }
  return [
    ...after.flatMap(device => said(device).map(what => ({ place: placeOf(device), what }))),
    ...before
      .filter(({ id }) => !after.some(other => other.id === id))
      .map(device => ({ place: placeOf(device), what: 'taken away' })),
  ]
}

const sayDoor = ({ door: { output, pulseMs } }: LaneConfig) =>
  `relay ${output.channel} of ${output.board}, pulse ${pulseMs} ms`

/** A line for each field that differs, inner ones with the names of what they are in. */
function fieldChanges(fields: readonly Field[], before: object, after: object): string[] {
  return fields.flatMap(field => {
    const [was, is] = [(before as Values)[field.key], (after as Values)[field.key]]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    const inner = innerFields(field, was, is)
    if (inner !== null) return fieldChanges(inner, was as object, is as object).map(line => `${field.title}, ${line}`)
    return [`${field.title}: ${say(was)} → ${say(is)}`]
  })
}

type Values = Readonly<Record<string, unknown>>

/** The fields of two values of one shape; null where they are told whole. */
function innerFields(field: Field, was: unknown, is: unknown): readonly Field[] | null {
  if (!isValues(was) || !isValues(is)) return null
  if (field.kind === 'group') return field.fields
  if (field.kind !== 'pick') return null
  const option = optionOf(field, is)
  return option !== null && option === optionOf(field, was) && option.value !== OWN_SHAPE ? option.fields : null
}

function say(value: unknown): string {
  if (value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(say).join('; ')
  if (!isValues(value)) return String(value)
  const said = Object.values(value).filter(inner => inner !== undefined)
  return said.length === 0 ? 'none' : said.map(say).join(' ')
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
