import type { AccessPoint } from '@gatehouse/shared/wire/api/gates.ts'
import type { Hardware } from '@gatehouse/shared/wire/hardware/diff.ts'
import { BOARD_FIELDS, blankFields, DOOR_FIELDS, READER_FIELDS } from '@gatehouse/shared/wire/hardware/fields.ts'

/** What is typed, right or not yet. */
export type Values = Readonly<Record<string, unknown>>

/** A reader or a board; its key stays while everything about it changes. */
export type Device = { readonly key: number; readonly values: Values }
export type LaneDraft = { readonly lane: string; readonly readers: readonly Device[]; readonly door: Values }
export type Draft = { readonly boards: readonly Device[]; readonly lanes: readonly LaneDraft[] }

/** What was sent last, ready to be changed; what it does not have of an access point is empty. */
export function draftOf(sent: Hardware | null, points: readonly Pick<AccessPoint, 'lane'>[]): Draft {
  let key = 0
  const keyed = (values: object): Device => ({ key: key++, values: values as Values })
  return {
    boards: (sent?.boards ?? []).map(keyed),
    lanes: points.map(({ lane }) => {
      const before = sent?.lanes.find(other => other.lane === lane)
      return { lane, readers: (before?.readers ?? []).map(keyed), door: before?.door ?? blankFields(DOOR_FIELDS) }
    }),
  }
}

export function descriptionOf({ boards, lanes }: Draft) {
  return {
    boards: boards.map(({ values }) => values),
    lanes: lanes.map(({ lane, readers, door }) => ({ lane, readers: readers.map(({ values }) => values), door })),
  }
}

export function isSameDraft(one: Draft, other: Draft): boolean {
  return JSON.stringify(descriptionOf(one)) === JSON.stringify(descriptionOf(other))
}

const FIRST_READER = 'line'
const FIRST_BOARD = 'modbus-flash'

/** One more, with a name that none of them has. */
export function withReader(readers: readonly Device[]): readonly Device[] {
  return [...readers, { key: freeKey(readers), values: readerOf(FIRST_READER, freeName(readers, 'reader')) }]
}

export function withBoard(boards: readonly Device[]): readonly Device[] {
  return [...boards, { key: freeKey(boards), values: boardOf(FIRST_BOARD, freeName(boards, 'relays')) }]
}

/** Of another family: what both have stays, where it says the same. */
export function ofFamily(kind: 'reader' | 'board', before: Values, family: string): Values {
  const fields = (kind === 'reader' ? READER_FIELDS : BOARD_FIELDS).get(family) ?? []
  const blank = blankFields(fields)
  const kept = fields
    .map(({ key }) => key)
    .filter(key => key === 'id' || (key === 'port' && isSamePort(before.port, blank.port)))
    .map(key => [key, before[key]])
  return { family, ...blank, ...Object.fromEntries(kept) }
}

/** A line of bytes stays one, and a HID device too. */
function isSamePort(before: unknown, blank: unknown): boolean {
  const isHid = (port: unknown) => String((port as Values | undefined)?.kind).startsWith('hid')
  return before !== undefined && blank !== undefined && isHid(before) === isHid(blank)
}

const readerOf = (family: string, id: string): Values => ({
  family,
  ...blankFields(READER_FIELDS.get(family) ?? []),
  id,
})
const boardOf = (family: string, id: string): Values => ({ family, ...blankFields(BOARD_FIELDS.get(family) ?? []), id })

function freeKey(devices: readonly Device[]): number {
  return 1 + Math.max(-1, ...devices.map(({ key }) => key))
}

function freeName(devices: readonly Device[], stem: string): string {
  const taken = new Set(devices.map(({ values }) => values.id))
  let number = 1
  while (taken.has(number === 1 ? stem : `${stem}-${number}`)) number++
  return number === 1 ? stem : `${stem}-${number}`
}

/** A door without a board takes the only one there is. */
export function withOnlyBoard(draft: Draft): Draft {
  const [only, ...more] = draft.boards
  if (only === undefined || more.length > 0) return draft
  const lanes = draft.lanes.map(lane => {
    const output = (lane.door.output ?? {}) as Values
    if (output.board !== undefined) return lane
    return { ...lane, door: { ...lane.door, output: { ...output, board: only.values.id } } }
  })
  return { ...draft, lanes }
}

/** A board by another name: what hung on it hangs on it still. */
export function renamed(before: Draft, at: number, after: Draft): Draft {
  const [was, is] = [before.boards[at]?.values.id, after.boards[at]?.values.id]
  const isShared = before.boards.filter(({ values }) => values.id === was).length > 1
  if (was === is || was === undefined || is === undefined || isShared) return after
  const follow = (place: unknown) =>
    (place as Values | undefined)?.board === was ? { ...(place as Values), board: is } : place
  const lanes = after.lanes.map(lane => {
    const contacts = Object.entries((lane.door.contacts ?? {}) as Values).map(([name, contact]) => [
      name,
      follow(contact),
    ])
    return { ...lane, door: { ...lane.door, output: follow(lane.door.output), contacts: Object.fromEntries(contacts) } }
  })
  return { ...after, lanes }
}

/** Whether something is wrong in a lane. */
export function isWrong({ lanes }: Draft, lane: string, mistakes: ReadonlyMap<string, string>): boolean {
  const at = lanes.findIndex(other => other.lane === lane)
  return [...mistakes.keys()].some(path => path.startsWith(`lanes.${at}.`))
}
