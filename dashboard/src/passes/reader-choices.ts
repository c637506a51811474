import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'

/** A card reader that can be armed, or why it cannot. */
export type ReaderChoice = {
  /** One text for all of it, to remember the last one used by. */
  readonly key: string
  readonly gateId: string
  readonly gate: string
  readonly lane: string
  readonly reader: string
  /** As people call it, within its gate. */
  readonly name: string
  readonly problem: 'offline' | 'not working' | null
}

/** The readers of all gates that read cards, gate by gate. Where an access point has one, it is called by the access point. */
export function readerChoices(gates: readonly Gate[]): readonly ReaderChoice[] {
  return gates.flatMap(({ gateId, name: gate, online, lanes, accessPoints }) =>
    lanes.flatMap(({ lane, readers }) => {
      const cards = readers.filter(({ reads }) => reads !== 'code')
      const point = accessPoints.find(each => each.lane === lane)?.name ?? lane
      return cards.map(({ id, up }): ReaderChoice => {
        const name = cards.length === 1 ? point : `${point}, ${id}`
        const problem = online ? (up ? null : 'not working') : 'offline'
        return { key: `${gateId} ${lane} ${id}`, gateId, gate, lane, reader: id, name, problem }
      })
    }),
  )
}

/** The one used last, where it works; else the first that does. */
export function firstChoice(choices: readonly ReaderChoice[], lastUsed: string | null): ReaderChoice | undefined {
  const working = choices.filter(({ problem }) => problem === null)
  return working.find(({ key }) => key === lastUsed) ?? working[0]
}
