import { randomUUIDv7 } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { enterTestSchool, startCloud, type TestCloud, type TestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type JobBench, jobBench } from '../testing/job-bench.ts'
import { refusal, startSmtp, type TestSmtp } from '../testing/smtp.ts'
import { deliverMail } from './deliver.ts'
import { type NewMail, sendMail, sendMailToUser } from './mail.ts'
import { findMail, forgetMails } from './mails.repo.ts'
import { type Courier, openSmtp } from './smtp.ts'
import { tellOfDead } from './tell-of-dead.ts'

const FROM = 'Gatehouse <gatehouse@school.example>'
const link = 'https://gatehouse.school.example/claim?token=abc&x=1'

onBothEngines('mail', engine => {
  let database: Database
  let cloud: TestCloud
  let school: TestSchool
  let bench: JobBench
  const closing: AsyncDisposable[] = []
  beforeAll(async () => {
    database = await engine.fresh()
    cloud = await startCloud(database)
    school = await enterTestSchool(database, cloud.vault)
  })
  afterAll(async () => {
    await cloud[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    bench = await jobBench(database, school.schoolId)
  })
  afterEach(async () => {
    await bench[Symbol.asyncDispose]()
    for (const one of closing.splice(0).toReversed()) await one[Symbol.asyncDispose]()
    await inSchool(database.db, school.schoolId, async tx => {
      await tx.deleteFrom('mails').execute()
      await tx.deleteFrom('jobs').execute()
    })
    await database.asOwner(sql => sql.run('delete from pgboss.job'))
  })

  const server = async (options: Parameters<typeof startSmtp>[0] = {}): Promise<TestSmtp> => {
    const smtp = await startSmtp(options)
    closing.push(smtp)
    return smtp
  }
  const work = async (courier: Courier | null) => {
    if (courier !== null) closing.push(courier)
    return bench.work(
      { mail: deliverMail({ db: database.db, courier, nowMs: () => Date.now() }) },
      { onDead: tellOfDead({ jobs: bench.jobs }) },
    )
  }
  const courierTo = ({ port }: TestSmtp) => openSmtp({ url: `smtp://127.0.0.1:${port}`, from: FROM, caFile: null })
  const send = (changed: Partial<NewMail<'invitation'>> = {}) =>
    inSchool(database.db, school.schoolId, tx =>
      sendMail(tx, bench.jobs, {
        schoolId: school.schoolId,
        to: { address: 'ada@students.example', name: 'Ada' },
        language: null,
        template: 'invitation',
        values: { link, days: 7 },
        ...changed,
      }),
    )
  const find = async (mailId: string) => (await inSchool(database.db, school.schoolId, tx => findMail(tx, mailId)))!
  const ended = async (mailId: string, wanted: 'done' | 'failed') => {
    const { job_id } = await find(mailId)
    await bench.until(job_id!, ({ state }) => state === wanted)
    return find(mailId)
  }

  test('a mail comes to the server with its texts, its language and an id of its own, and then nobody here can read it', async () => {
    const smtp = await server()
    const mailId = await send()
    expect((await find(mailId)).body?.text).toContain(link)
    await work(courierTo(smtp))
    expect(await ended(mailId, 'done')).toMatchObject({ state: 'sent', body: null, answer: '250 queued as 1' })
    expect(smtp.received).toHaveLength(1)
    const [{ from, to, raw }] = smtp.received as [(typeof smtp.received)[0]]
    expect({ from, to }).toEqual({ from: 'gatehouse@school.example', to: ['ada@students.example'] })
    expect(raw).toContain(`Message-ID: <${mailId}@school.example>`)
    expect(raw).toContain('Auto-Submitted: auto-generated')
    expect(raw).toContain('Content-Language: en')
    expect(raw).toMatch(/^To: Ada <ada@students.example>\r$/m)
    expect(raw).toContain('multipart/alternative')
    // In HTML an ampersand is written out, in text it is not.
    expect(raw.replace(/=\r\n/g, '')).toContain('/claim?token=3Dabc&x=3D1')
    expect(raw.replace(/=\r\n/g, '')).toContain('/claim?token=3Dabc&#38;x=3D1')
  })

  test('where there is no mail server the outbox shows what would have been sent, to who may see it', async () => {
    const mailId = await send()
    await work(null)
    await ended(mailId, 'done')
    const ask = (token: string, query = '') => cloud.call('GET', `/api/v1/outbox${query}`, { token })
    const admin = await cloud.signIn(school, 'school_admin')
    const { body } = await ask(admin)
    expect(body.data).toHaveLength(1)
    expect(body.data[0]).toMatchObject({
      id: mailId,
      state: 'kept',
      to: 'ada@students.example',
      template: 'invitation',
    })
    expect(body.data[0].text).toContain(link)
    expect((await ask(admin, '?search=students.example')).body.data).toHaveLength(1)
    expect((await ask(admin, '?search=100%25')).body.data).toEqual([])
    expect((await ask(admin, '?state=sent')).body.data).toEqual([])
    const other = await enterTestSchool(database, cloud.vault)
    expect((await ask(await cloud.signIn(other, 'school_admin'))).body.data).toEqual([])
  })

  test('what waits or goes out is read by nobody: a link in it opens an account', async () => {
    await send()
    const { body } = await cloud.call('GET', '/api/v1/outbox', { token: await cloud.signIn(school, 'school_admin') })
    expect(body.data[0]).toMatchObject({ state: 'waiting', text: null })
    expect(JSON.stringify(body)).not.toContain('token=abc')
  })

  test('a server that says not now is asked again, and takes the same mail', async () => {
    const smtp = await server({
      onRcpt: (_address, attempt) => (attempt === 1 ? refusal(451, '4.7.1 greylisted, try again later') : null),
    })
    const mailId = await send()
    await work(courierTo(smtp))
    expect(await ended(mailId, 'done')).toMatchObject({ state: 'sent' })
    expect(smtp.tries.count).toBe(2)
    expect(smtp.received).toHaveLength(1)
  })

  test('a server that refuses for good is not asked again, and its words are kept', async () => {
    const smtp = await server({ onRcpt: () => refusal(550, '5.1.1 no such mailbox here') })
    const mailId = await send()
    await work(courierTo(smtp))
    const mail = await ended(mailId, 'failed')
    expect(mail).toMatchObject({ state: 'failed', answer: '550 5.1.1 no such mailbox here' })
    expect(smtp.tries.count).toBe(1)
    expect(await bench.find(mail.job_id!)).toMatchObject({ tries: 1, error: '550 5.1.1 no such mailbox here' })
  })

  test('a mail refused after its text was read is refused for good too', async () => {
    const smtp = await server({ onMail: () => refusal(554, '5.7.1 looks like spam') })
    const mailId = await send()
    await work(courierTo(smtp))
    expect(await ended(mailId, 'failed')).toMatchObject({ answer: '554 5.7.1 looks like spam' })
  })

  test('an answer that got lost brings the mail again under the same id, so that its receiver can tell', async () => {
    const smtp = await server({ onMail: attempt => (attempt === 1 ? 'cut' : null) })
    const mailId = await send()
    await work(courierTo(smtp))
    await ended(mailId, 'done')
    const ids = smtp.received.map(({ raw }) => /^Message-ID: (.*)\r$/m.exec(raw)![1])
    expect(ids).toEqual([`<${mailId}@school.example>`, `<${mailId}@school.example>`])
  })

  test('a failed mail goes out when its job is done again', async () => {
    let closed = true
    const smtp = await server({ onRcpt: () => (closed ? refusal(550, '5.7.0 not from you') : null) })
    const mailId = await send()
    await work(courierTo(smtp))
    const { job_id } = await ended(mailId, 'failed')
    closed = false
    await inSchool(database.db, school.schoolId, tx => bench.jobs.retry(tx, bench.actor, job_id!))
    expect(await ended(mailId, 'done')).toMatchObject({ state: 'sent', body: null })
  })

  test('a person is written to in their language, else in the school’s', async () => {
    await inSchool(database.db, school.schoolId, tx => tx.updateTable('schools').set({ language: 'nl' }).execute())
    expect(await find(await send())).toMatchObject({
      language: 'nl',
      subject: expect.stringMatching(/^Uw account bij School/),
    })
    expect(await find(await send({ language: 'en' }))).toMatchObject({ language: 'en' })
    const to = school.users.get('staff')!
    const write = () =>
      inSchool(database.db, school.schoolId, async tx => {
        const { id: userId } = await tx
          .selectFrom('users')
          .select('id')
          .where('email', '=', to)
          .executeTakeFirstOrThrow()
        const values = { address: '192.0.2.7', at: '2026-09-01T10:00:00Z' }
        return sendMailToUser(tx, bench.jobs, {
          schoolId: school.schoolId,
          userId,
          to,
          template: 'password_changed',
          values,
        })
      })
    expect((await find(await write())).body?.text).toContain('1 september 2026 om 12:00, vanaf 192.0.2.7')
    await inSchool(database.db, school.schoolId, tx =>
      tx.updateTable('users').set({ language: 'en' }).where('email', '=', to).execute(),
    )
    const mail = await find(await write())
    expect(mail.to_name).toBe('staff')
    expect(mail.body?.text).toContain('Hello staff,')
    await inSchool(database.db, school.schoolId, tx => tx.updateTable('schools').set({ language: 'en' }).execute())
  })

  test('what a transaction took back is never sent', async () => {
    await expect(
      inSchool(database.db, school.schoolId, async tx => {
        await sendMail(tx, bench.jobs, {
          schoolId: school.schoolId,
          to: 'ada@students.example',
          language: null,
          template: 'invitation',
          values: { link, days: 7 },
        })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    const left = await inSchool(database.db, school.schoolId, tx => tx.selectFrom('mails').selectAll().execute())
    expect(left).toEqual([])
  })

  test('a job that died is told to the administrators, once an hour', async () => {
    const tell = tellOfDead({ jobs: bench.jobs })
    await bench.add()
    await inSchool(database.db, school.schoolId, async tx => {
      const row = await tx.selectFrom('jobs').selectAll().executeTakeFirstOrThrow()
      const dead = { ...row, kind: 'import', title: 'Import of students.csv', error: 'the file is gone' }
      await tell(tx, dead)
      await tell(tx, dead)
    })
    const told = await inSchool(database.db, school.schoolId, tx =>
      tx
        .selectFrom('notifications')
        .innerJoin('users', 'users.id', 'notifications.user_id')
        .select(['email', 'kind', 'facts'])
        .execute(),
    )
    expect(told).toEqual([
      {
        email: school.users.get('school_admin'),
        kind: 'job_dead',
        facts: { title: 'Import of students.csv', error: 'the file is gone' },
      },
    ])
  })

  test('mails are gone after thirty days', async () => {
    await send()
    const forget = (days: number) =>
      inSchool(database.db, school.schoolId, tx => forgetMails(tx, Date.now() + days * 86_400_000))
    expect(await forget(29.9)).toBe(0)
    expect(await forget(30.1)).toBe(1)
  })

  test('a mail that is gone when its turn comes is no failure', async () => {
    const jobId = await bench.add({ body: { mailId: randomUUIDv7() } })
    await work(null)
    expect(await bench.until(jobId, ({ state }) => state === 'done')).toMatchObject({ tries: 1 })
  })
})
