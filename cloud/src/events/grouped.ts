/** Events in a transaction: above it the statement gets slower and not the commit rarer. */
const GROUP_WEIGHT_MAX = 500
/** How long the first of a group waits for others. */
const GROUP_WAIT_MS = 20
/** One is being written while the next is decided. */
const IN_FLIGHT_MAX = 2
/** Batches that wait, 256 KB each at most. Past it whoever offers is held back. */
const WAITING_MAX = 64

export type GroupedNeeds<Item> = {
  readonly weightOf: (item: Item) => number
  /** Items of different lanes are never in one group. */
  readonly laneOf: (item: Item) => string
  /** Items of one key are worked on in the order in which they came. */
  readonly keyOf: (item: Item) => string
  readonly work: (group: readonly Item[]) => Promise<void>
  readonly onProblem: (error: Error, group: readonly Item[]) => void
}

export type Grouped<Item> = {
  /** Resolves when there is room for another, not when the work is done. */
  offer(item: Item): Promise<void>
  /** Takes no more; resolves when all that was taken is done. */
  stop(): Promise<void>
}

/** Gathers items into groups for one piece of work each, a few at a time, and never more than it can hold. */
export function grouped<Item>(needs: GroupedNeeds<Item>): Grouped<Item> {
  const { weightOf, laneOf, keyOf, work, onProblem } = needs
  let waiting: Item[] = []
  const busyKeys = new Set<string>()
  const inFlight = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  const room: (() => void)[] = []

  /** The next group: from the oldest item that may run now, others of its lane as far as the weight goes. */
  function next(): Item[] {
    const held = new Set(busyKeys)
    const group: Item[] = []
    let weight = 0
    for (const item of waiting) {
      const fits =
        group.length === 0 || (laneOf(item) === laneOf(group[0]!) && weight + weightOf(item) <= GROUP_WEIGHT_MAX)
      if (!fits || held.has(keyOf(item))) {
        // What comes behind it from the same source must not overtake it.
        held.add(keyOf(item))
        continue
      }
      group.push(item)
      weight += weightOf(item)
    }
    return group
  }

  function start(): void {
    timer = null
    while (inFlight.size < IN_FLIGHT_MAX) {
      const group = next()
      if (group.length === 0) return
      const taken = new Set(group)
      waiting = waiting.filter(item => !taken.has(item))
      for (const item of group) busyKeys.add(keyOf(item))
      const run: Promise<void> = work(group)
        .catch(error => onProblem(error as Error, group))
        .finally(() => {
          inFlight.delete(run)
          for (const item of group) busyKeys.delete(keyOf(item))
          start()
        })
      inFlight.add(run)
      for (const tell of room.splice(0)) tell()
    }
  }

  return {
    async offer(item) {
      while (waiting.length >= WAITING_MAX && !stopped) await new Promise<void>(tell => room.push(tell))
      if (stopped) return
      waiting.push(item)
      const weight = waiting.reduce((sum, each) => sum + weightOf(each), 0)
      if (weight >= GROUP_WEIGHT_MAX) start()
      else timer ??= setTimeout(start, GROUP_WAIT_MS)
    },
    async stop() {
      stopped = true
      for (const tell of room.splice(0)) tell()
      if (timer !== null) clearTimeout(timer)
      start()
      while (inFlight.size > 0) await Promise.all(inFlight)
    },
  }
}
