import { cardTextMistakes, formatMistakes } from '../../wiegand/custom-format.ts'
import { BOARD_FACTS, type BoardConfig } from './board-config.ts'
import { CONTACTS, type Contact, type Output } from './door-config.ts'
import type { LaneConfig } from './lane-config.ts'
import { portName } from './port.ts'

type Hardware = { readonly boards: readonly BoardConfig[]; readonly lanes: readonly LaneConfig[] }

/** Where, as a path into the configuration, and what a person can do about it. */
export type Mistake = { readonly path: (string | number)[]; readonly message: string }

/** What each part says by itself may be right and the whole still be wrong: every such mistake at once. */
export function hardwareMistakes(config: Hardware): Mistake[] {
  return [
    ...nameMistakes(config),
    ...lineMistakes(config),
    ...cardMistakes(config),
    ...config.lanes.flatMap(doorMistakes(config)),
  ]
}

function nameMistakes({ boards, lanes }: Hardware): Mistake[] {
  return [
    ...twice(
      boards.map(({ id }) => id),
      at => ({ path: ['boards', at, 'id'], message: `two boards are called ${boards[at]!.id}` }),
    ),
    ...twice(
      lanes.map(({ lane }) => lane),
      at => ({ path: ['lanes', at, 'lane'], message: `two lanes are called ${lanes[at]!.lane}` }),
    ),
    ...lanes.flatMap(({ readers }, laneAt) =>
      twice(
        readers.map(({ id }) => id),
        at => ({
          path: ['lanes', laneAt, 'readers', at, 'id'],
          message: `two readers are called ${readers[at]!.id}`,
        }),
      ),
    ),
  ]
}

/** A reader has a line for itself, and so has a board. */
function lineMistakes({ boards, lanes }: Hardware): Mistake[] {
  const users = new Map<string, string>()
  const mistakes: Mistake[] = []
  const take = (line: string, user: string, path: (string | number)[]) => {
    const other = users.get(line)
    if (other !== undefined)
      mistakes.push({ path, message: `${user} is on ${line}, and so is ${other}: each needs a line of its own` })
    else users.set(line, user)
  }
  for (const [laneAt, { lane, readers }] of lanes.entries()) {
    for (const [at, { id, port }] of readers.entries())
      take(portName(port), `reader ${id} of lane ${lane}`, ['lanes', laneAt, 'readers', at, 'port'])
  }
  for (const [at, board] of boards.entries())
    take('port' in board ? portName(board.port) : `chip ${board.chip}`, `board ${board.id}`, ['boards', at, 'port'])
  return mistakes
}

/** What each reader makes of a card or a PIN. */
function cardMistakes({ lanes }: Hardware): Mistake[] {
  return lanes.flatMap(({ readers }, laneAt) =>
    readers.flatMap((reader, at) =>
      [
        ...('format' in reader ? under('format', formatMistakes(reader.format)) : []),
        ...('card' in reader && reader.card ? under('card', cardTextMistakes(reader.card)) : []),
        ...('reads' in reader && reader.reads === 'card' && !reader.card
          ? [{ path: ['card'], message: `reader ${reader.id} reads cards: say which card its text is` }]
          : []),
        ...(reader.family === 'keypad' && reader.digitsMin > reader.digitsMax
          ? [
              {
                path: ['digitsMin'],
                message: `a PIN of at least ${reader.digitsMin} and at most ${reader.digitsMax} digits is none`,
              },
            ]
          : []),
      ].map(({ path, message }) => ({ path: ['lanes', laneAt, 'readers', at, ...path], message })),
    ),
  )
}

function under(name: string, mistakes: readonly Mistake[]): Mistake[] {
  return mistakes.map(({ path, message }) => ({ path: [name, ...path], message }))
}

function doorMistakes({ boards, lanes }: Hardware): (lane: LaneConfig, at: number) => Mistake[] {
  const byId = new Map(boards.map(board => [board.id, board]))
  const releases = lanes.map(({ door: { output } }) => `${output.board} ${output.channel}`)
  return ({ lane, door }, laneAt) => {
    const at = (...rest: (string | number)[]) => ['lanes', laneAt, 'door', ...rest]
    const mistakes: Mistake[] = []
    const board = byId.get(door.output.board)
    if (board === undefined) {
      mistakes.push({
        path: at('output', 'board'),
        message: `there is no board ${door.output.board}; ${nameAll(boards)}`,
      })
    } else {
      const facts = BOARD_FACTS[board.family]
      mistakes.push(...channelMistake(board, door.output, 'outputs', at('output', 'channel')))
      if (facts.stepMs !== null && door.pulseMs % facts.stepMs !== 0)
        mistakes.push({
          path: at('pulseMs'),
          message: `must be a multiple of ${facts.stepMs}: ${board.family} counts in tenths of a second`,
        })
      if (door.pulseMs > facts.pulseMsMax)
        mistakes.push({ path: at('pulseMs'), message: `${board.family} ends a pulse after ${facts.pulseMsMax} ms` })
      if (door.energised === 'lock' && !facts.levels)
        mistakes.push({
          path: at('energised'),
          message: `${board.family} is a turnstile and knows no magnet: leave it at unlock`,
        })
    }
    const before = releases.indexOf(`${door.output.board} ${door.output.channel}`)
    if (before < laneAt)
      mistakes.push({
        path: at('output'),
        message: `two lanes have the same relay: channel ${door.output.channel} of ${door.output.board} also releases lane ${lanes[before]!.lane}`,
      })
    if (door.pulseMsMax < door.pulseMs)
      mistakes.push({ path: at('pulseMsMax'), message: 'must not be shorter than the pulse' })
    for (const name of CONTACTS) {
      const contact = door.contacts[name]
      if (contact === undefined) continue
      const on = byId.get(contact.board)
      if (on === undefined)
        mistakes.push({
          path: at('contacts', name, 'board'),
          message: `there is no board ${contact.board}; ${nameAll(boards)}`,
        })
      else mistakes.push(...channelMistake(on, contact, 'inputs', at('contacts', name, 'channel')))
    }
    const used = CONTACTS.flatMap(name => {
      const contact = door.contacts[name]
      return contact === undefined ? [] : [`${contact.board} ${contact.channel}`]
    })
    if (new Set(used).size < used.length)
      mistakes.push({ path: at('contacts'), message: `two contacts of lane ${lane} are the same input` })
    return mistakes
  }
}

function channelMistake(
  board: BoardConfig,
  { channel }: Output | Contact,
  kind: 'outputs' | 'inputs',
  path: (string | number)[],
): Mistake[] {
  const { first, [kind]: count } = BOARD_FACTS[board.family]
  const last = first + count - 1
  const most = board.family === 'kmtronic' && kind === 'outputs' ? board.relays : last
  if (count === 0) return [{ path, message: `a ${board.family} board has no ${kind}` }]
  return channel < first || channel > most ? [{ path, message: `${board.family} has ${kind} ${first} to ${most}` }] : []
}

function nameAll(boards: readonly BoardConfig[]): string {
  return boards.length === 0 ? 'no board is described' : `there is ${boards.map(({ id }) => id).join(', ')}`
}

function twice(names: readonly string[], mistake: (at: number) => Mistake): Mistake[] {
  return names.flatMap((name, at) => (names.indexOf(name) < at ? [mistake(at)] : []))
}
