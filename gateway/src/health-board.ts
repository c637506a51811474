import type { Log } from './log.ts'
import type { Health } from './ports.ts'

/** Of a device that has not said anything yet. */
export const STARTING = { up: false, problem: 'starting' } satisfies Health

/** What the cloud is told of a problem has an end; the log has all of it. */
const PROBLEM_CHARACTERS_MAX = 300

function told(health: Health): { readonly up: boolean; readonly problem?: string } {
  return health.up ? health : { up: false, problem: health.problem.slice(0, PROBLEM_CHARACTERS_MAX) }
}

/** How each device is, and a line in the log and a word to the cloud whenever that changes. */
export function healthBoard(lanes: readonly string[], log: Log, changed: () => void) {
  const readers = new Map<string, Health>()
  const doors = new Map<string, Health>(lanes.map(lane => [lane, STARTING]))
  const say = (fields: object, before: Health, now: Health, what: string) => {
    if (JSON.stringify(before) === JSON.stringify(now)) return
    if (now.up) log.info(fields, `${what}.up`)
    else log.warn({ ...fields, problem: now.problem }, `${what}.down`)
    changed()
  }
  const key = (lane: string, id: string) => `${lane} ${id}`
  return {
    ofReader: (lane: string, id: string) => told(readers.get(key(lane, id)) ?? STARTING),
    ofDoor: (lane: string) => told(doors.get(lane) ?? STARTING),
    reader(lane: string, id: string, now: Health) {
      const before = readers.get(key(lane, id)) ?? STARTING
      readers.set(key(lane, id), now)
      say({ lane, reader: id }, before, now, 'reader')
    },
    door(lane: string, now: Health) {
      const before = doors.get(lane) ?? STARTING
      doors.set(lane, now)
      say({ lane }, before, now, 'door')
    },
  }
}
