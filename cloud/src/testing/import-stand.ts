import type { ImportInFull } from '@gatehouse/shared/wire/api/imports.ts'
import { guardedAsk } from '../http/guarded-request.ts'
import { openLog } from '../http/log.ts'
import { startJobs } from '../jobs/workers.ts'
import { importHandlers } from '../sis/handlers.ts'
import type { Said, TestCloud, TestSchool } from './cloud.ts'

export type ImportStand = AsyncDisposable & {
  call(method: string, path: string, body?: unknown): Promise<Said>
  upload(file: string | Uint8Array, options?: { name?: string; type?: string }): Promise<Said>
  /** Uploads and runs the dry run, with the suggested mapping changed as told. */
  planned(file: string | Uint8Array, mapping?: object, stop?: object): Promise<ImportInFull>
  /** Applies a planned import to its end. */
  applied(file: string | Uint8Array, mapping?: object): Promise<ImportInFull>
  /** Asks for something of an import, and answers it when its job is over. */
  step(importId: string, method: string, path: string, body?: unknown): Promise<ImportInFull>
  find(importId: string): Promise<ImportInFull>
  /** Does what there is to do. */
  work(): Promise<void>
}

/** An administrator with a browser, and the workers behind the service. */
export async function importStand(cloud: TestCloud, school: TestSchool): Promise<ImportStand> {
  const { database, vault, jobs } = cloud
  const token = await cloud.signIn(school, 'school_admin')
  const needs = {
    db: database.db,
    vault,
    jobs,
    ask: guardedAsk({ allowPrivate: true }),
    nowMs: () => cloud.clock.nowMs,
    publicUrl: cloud.url,
  }
  const workers = await startJobs({ database, jobs, handlers: importHandlers(needs), log: openLog('silent') })
  const call: ImportStand['call'] = (method, path, body) =>
    cloud.call(method, `/api/v1${path}`, { token, ...(body !== undefined && { body }) })

  const stand: ImportStand = {
    call,
    async upload(file, { name = 'students.csv', type = 'text/csv' } = {}) {
      const answer = await fetch(`${cloud.url}/api/v1/imports?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body: typeof file === 'string' ? file : Buffer.from(file),
      })
      return { status: answer.status, headers: answer.headers, body: await answer.json() }
    },
    async planned(file, changed = {}, stop) {
      const uploaded = await stand.upload(file, typeof file === 'string' ? {} : { type: 'application/zip' })
      if (uploaded.status !== 201) throw new Error(JSON.stringify(uploaded.body.error))
      const { id, mapping } = uploaded.body.data
      return stand.step(id, 'PUT', '/plan', { mapping: { ...mapping, ...changed }, ...(stop && { stop }) })
    },
    async applied(file, mapping) {
      const { id } = await stand.planned(file, mapping, { percent: 100, students: 1_000_000 })
      return stand.step(id, 'POST', '/application', {})
    },
    async step(importId, method, path, body) {
      const asked = await call(method, `/imports/${importId}${path}`, body)
      if (asked.status !== 202) throw new Error(JSON.stringify(asked.body.error))
      await stand.work()
      return stand.find(importId)
    },
    find: async importId => (await call('GET', `/imports/${importId}`)).body.data,
    work: () => workers.now(),
    [Symbol.asyncDispose]: () => workers.stop(),
  }
  return stand
}
