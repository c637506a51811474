import type { Database } from '../db/connect.ts'
import type { Workers } from '../jobs/workers.ts'
import { type Applicant, checkers, handedIn } from './applicants.ts'
import type { Said } from './cloud.ts'
import { type People, people } from './people.ts'

/** A school that takes applications: a year, a level for everybody, and the checks done when a test says so. */
export type ApplicationStand = AsyncDisposable & {
  readonly it: People
  readonly workers: Workers
  begun(who: Applicant): Promise<string>
  /** Answers that nothing is wrong with. */
  good(
    who: Applicant,
    file?: string,
  ): Promise<{ readonly enrolment: { readonly fileId: string }; readonly [field: string]: unknown }>
  save(who: Applicant, id: string, answers: object, headers?: Record<string, string>): Promise<Said>
  submit(who: Applicant, id: string): Promise<Said>
  /** An application that was submitted and whose checks have answered. */
  submitted(who: Applicant, answers?: object, file?: string): Promise<string>
  /** As an administrator sees it. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at what came over the wire, whatever that is
  seen(id: string): Promise<any>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  checkOf(id: string, kind: string): Promise<any>
  decide(id: string, decision: string, reason?: string | null, call?: People['call']): Promise<Said>
}

export async function applicationStand(database: Database): Promise<ApplicationStand> {
  const it = await people(database)
  const workers = await checkers(it)
  await it.call('POST', '/terms', { name: 'Year', kind: 'term', firstDay: '2020-01-01', lastDay: '2039-12-31' })
  const level = await it.call('POST', '/access-levels', { name: 'Campus', groups: [0] })
  await it.call('POST', '/access-level-defaults', { levelId: level.body.data.id })

  const stand: ApplicationStand = {
    it,
    workers,
    begun: async who => (await who.call('POST', '/my/applications')).body.data.id,
    good: async (who, file) => ({
      studentNumber: who.studentNumber,
      birthDate: '2005-05-17',
      enrolment: { fileId: file ?? (await handedIn(it, who.studentId)), expiresOn: '2038-01-01' },
    }),
    save: (who, id, answers, headers = {}) => who.call('PATCH', `/my/applications/${id}`, { answers }, headers),
    submit: (who, id) => who.call('POST', `/my/applications/${id}/submission`),
    async submitted(who, answers = {}, file) {
      const id = await stand.begun(who)
      const saved = await stand.save(who, id, { ...(await stand.good(who, file)), ...answers })
      if (saved.status !== 200) throw new Error(JSON.stringify(saved.body))
      const said = await stand.submit(who, id)
      if (said.status !== 200) throw new Error(JSON.stringify(said.body))
      await workers.now()
      return id
    },
    seen: async id => (await it.call('GET', `/applications/${id}`)).body.data,
    checkOf: async (id, kind) =>
      (await stand.seen(id)).checks.find((check: { readonly kind: string }) => check.kind === kind),
    decide: (id, decision, reason = null, call = it.call) =>
      call('POST', `/applications/${id}/decision`, { decision, reason }),
    async [Symbol.asyncDispose]() {
      await workers.stop()
      await it[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
  return stand
}
