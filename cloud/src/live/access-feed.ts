import type { AccessFeed, AccessLine } from '@gatehouse/shared/wire/messages.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import type { Say } from './say.ts'

/** A person sees no difference below it, and a busy morning is ten frames a second and not a thousand. */
const FRAME_MS = 100
/** A live page shows what happens now; a gate that comes back with a day's events is for the event search. */
const LINES_MAX = 200

export type AccessFeedPublisher = {
  /** Lines of one school, oldest first. */
  add(tenant: string, lines: readonly AccessLine[]): void
  /** Sends what waits. */
  stop(): void
}

/** Sends lines to a school's watchers in frames: at once after a quiet moment, then one each {@link FRAME_MS}. */
export function accessFeed({ say }: { readonly say: Say }): AccessFeedPublisher {
  const waiting = new Map<string, { lines: AccessLine[]; timer: NodeJS.Timeout }>()

  function send(tenant: string, lines: readonly AccessLine[]): void {
    const frame: AccessFeed = { lines: lines.slice(-LINES_MAX) }
    say(topics.accessFeed(tenant), JSON.stringify(frame), { qos: 0 })
  }

  function open(tenant: string): void {
    const timer = setTimeout(() => {
      const { lines } = waiting.get(tenant)!
      waiting.delete(tenant)
      if (lines.length === 0) return
      send(tenant, lines)
      open(tenant)
    }, FRAME_MS)
    waiting.set(tenant, { lines: [], timer })
  }

  return {
    add(tenant, lines) {
      if (lines.length === 0) return
      const frame = waiting.get(tenant)
      if (frame === undefined) {
        send(tenant, lines)
        open(tenant)
        return
      }
      frame.lines.push(...lines)
      if (frame.lines.length > LINES_MAX * 2) frame.lines.splice(0, frame.lines.length - LINES_MAX)
    },
    stop() {
      for (const [tenant, { lines, timer }] of waiting) {
        clearTimeout(timer)
        if (lines.length > 0) send(tenant, lines)
      }
      waiting.clear()
    },
  }
}
