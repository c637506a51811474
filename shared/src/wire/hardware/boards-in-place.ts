import { DoorConfig } from './door-config.ts'

const DOOR_FIELDS = new Set([...Object.keys(DoorConfig.shape), 'channel'])

type Fields = Record<string, unknown>

/**
 * A door with one relay may name its board in place: `{"family": "lcus", "port": …, "channel": 1}`. It is put among the
 * boards here, doors on one line with the same board once. Anything else is left as it is, for the schema to judge.
 */
export function boardsInPlace(config: unknown): unknown {
  if (!isFields(config) || !Array.isArray(config.lanes)) return config
  const boards: unknown[] = Array.isArray(config.boards) ? [...config.boards] : []
  if (config.boards !== undefined && !Array.isArray(config.boards)) return config
  const places = new Map<string, string>()
  const lanes = config.lanes.map(lane => {
    if (!isFields(lane) || !isFields(lane.door) || lane.door.family === undefined) return lane
    const entries = Object.entries(lane.door)
    const board = Object.fromEntries(entries.filter(([name]) => !DOOR_FIELDS.has(name)))
    const door = Object.fromEntries(entries.filter(([name]) => DOOR_FIELDS.has(name) && name !== 'channel'))
    const place = JSON.stringify(board)
    let id = places.get(place)
    if (id === undefined) {
      id = freeId(boards)
      places.set(place, id)
      boards.push({ ...board, id })
    }
    return { ...lane, door: { ...door, output: { board: id, channel: lane.door.channel } } }
  })
  return { ...config, boards, lanes }
}

function freeId(boards: readonly unknown[]): string {
  const taken = new Set(boards.map(board => (isFields(board) ? board.id : undefined)))
  let number = 1
  while (taken.has(`board-${number}`)) number++
  return `board-${number}`
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
