import { findSchools } from '../db/definer.ts'
import type { Db } from '../db/tables.ts'
import { type Log, said } from '../http/log.ts'

/**
 * Does something for one school after the other, now and so often until it is stopped. One that fails is logged under `failed` and
 * tried again the next time; the schools after it are not kept waiting for it.
 */
export function startForEachSchool(
  {
    db,
    log,
    everyMs,
    failed,
  }: { readonly db: Db; readonly log: Log; readonly everyMs: number; readonly failed: string },
  work: (schoolId: string) => Promise<void>,
): () => Promise<void> {
  let stopped = false
  const once = async () => {
    for (const { id } of await findSchools(db)) {
      if (stopped) return
      await work(id).catch(problem => log.error({ schoolId: id, problem: said(problem) }, failed))
    }
  }
  let running = Promise.resolve()
  const begin = () => {
    running = running.then(once).catch(problem => log.error({ problem: said(problem) }, failed))
  }
  begin()
  const timer = setInterval(begin, everyMs)
  return async () => {
    stopped = true
    clearInterval(timer)
    await running
  }
}
