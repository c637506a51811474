import { inSchool } from '../db/school.ts'
import type { Db } from '../db/tables.ts'
import { readSystemMetrics, type SystemMetrics } from './system-metrics.repo.ts'

/** How often they are told. */
const EVERY_MS = 5_000

export type MetricsTicker = {
  /** Now, and every five seconds until the answer is called. However many listen, a school is counted once. */
  hear(schoolId: string, heard: (metrics: SystemMetrics) => void): () => void
}

type Ticking = { readonly listeners: Set<(metrics: SystemMetrics) => void>; timer: NodeJS.Timeout; busy: boolean }

export function metricsTicker({
  db,
  nowMs,
  onFailed,
  everyMs = EVERY_MS,
}: {
  readonly db: Db
  readonly nowMs: () => number
  readonly onFailed: (problem: unknown) => void
  readonly everyMs?: number
}): MetricsTicker {
  const schools = new Map<string, Ticking>()
  const readOf = (schoolId: string) => inSchool(db, schoolId, tx => readSystemMetrics(tx, schoolId, nowMs()))

  const tick = async (schoolId: string, ticking: Ticking) => {
    // Where the database is slower than the clock, a beat is left out.
    if (ticking.busy) return
    ticking.busy = true
    try {
      const metrics = await readOf(schoolId)
      for (const heard of ticking.listeners) heard(metrics)
    } catch (problem) {
      onFailed(problem)
    } finally {
      ticking.busy = false
    }
  }

  return {
    hear(schoolId, heard) {
      let ticking = schools.get(schoolId)
      if (ticking === undefined) {
        const begun: Ticking = {
          listeners: new Set(),
          timer: setInterval(() => tick(schoolId, begun), everyMs),
          busy: false,
        }
        begun.timer.unref()
        schools.set(schoolId, begun)
        ticking = begun
      }
      const { listeners, timer } = ticking
      listeners.add(heard)
      readOf(schoolId).then(metrics => listeners.has(heard) && heard(metrics), onFailed)
      return () => {
        listeners.delete(heard)
        if (listeners.size > 0 || schools.get(schoolId)?.timer !== timer) return
        clearInterval(timer)
        schools.delete(schoolId)
      }
    },
  }
}
