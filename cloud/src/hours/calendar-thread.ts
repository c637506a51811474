import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { fail, type Result } from '@gatehouse/shared/result.ts'
import type { CalendarAsked, CalendarRead, CalendarRefused } from './calendar-file.ts'

/** A megabyte of ordinary events takes a second or two; a rule that never comes true takes for ever. */
export const READING_MS_MAX = 10_000
const HEAP_MB_MAX = 256

/** One file is read at a time: each may take a core for as long as it is let. */
let before: Promise<unknown> = Promise.resolve()

/** Reads a calendar beside the event loop, and no longer than it is let. */
export function readCalendarAside(
  asked: CalendarAsked,
  limitMs = READING_MS_MAX,
): Promise<Result<CalendarRead, CalendarRefused>> {
  const mine = before.then(() => read(asked, limitMs))
  before = mine.catch(() => {})
  return mine
}

async function read(asked: CalendarAsked, limitMs: number): Promise<Result<CalendarRead, CalendarRefused>> {
  const worker = new Worker(new URL('./calendar-worker.ts', import.meta.url), {
    workerData: asked,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  })
  try {
    // Coming up is not reading: a busy machine takes seconds for it.
    await once(worker, 'online')
    const [said] = await once(worker, 'message', { signal: AbortSignal.timeout(limitMs) })
    return said
  } catch (problem) {
    const isTooMuch =
      (problem as Error).name === 'AbortError' || (problem as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (!isTooMuch) throw problem
    return fail('too_much')
  } finally {
    await worker.terminate()
  }
}
