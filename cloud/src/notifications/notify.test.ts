import { DEFAULT_WISHES } from '@gatehouse/shared/wire/api/notifications.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { createStudent } from '../students/students.repo.ts'
import { onBothEngines } from '../testing/database.ts'
import { type NotificationStand, notificationStand } from '../testing/notification-stand.ts'
import { forgetNotifications } from './deliveries.repo.ts'
import { notify } from './notify.ts'
import { postLetters } from './post-letters.ts'

const ISSUED = { kind: 'pass_issued', facts: { holder: 'Ada', number: '7', until: '2026-12-31T22:59:00Z' } } as const

onBothEngines('notifications', engine => {
  let database: Database
  let stand: NotificationStand
  let token: string
  let userId: string
  beforeAll(async () => {
    database = await engine.fresh()
    stand = await notificationStand(database)
    token = await stand.cloud.signIn(stand.school, 'staff')
    userId = await stand.userId('staff')
  })
  afterAll(async () => {
    await stand[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  beforeEach(() =>
    stand.inIt(async tx => {
      await tx.deleteFrom('deliveries').execute()
      await tx.deleteFrom('notifications').execute()
      await tx.deleteFrom('notification_wishes').execute()
      await tx.deleteFrom('notification_settings').execute()
      await tx.deleteFrom('mails').execute()
      await tx.deleteFrom('jobs').execute()
      stand.said.length = 0
      stand.clock.nowMs = Date.now()
    }),
  )

  const call = (method: string, path: string, body?: object, as = token) =>
    stand.cloud.call(method, `/api/v1${path}`, { token: as, ...(body && { body }) })
  const issue = (path = '/passes/1') =>
    stand.inIt(tx => notify(tx, stand.school.schoolId, { ...ISSUED, to: { userId }, path }))
  const mails = () =>
    stand.inIt(tx =>
      tx.selectFrom('mails').select(['template', 'to_address', 'subject', 'body', 'state']).orderBy('id').execute(),
    )
  const wish = (kind: string, wishes: object) =>
    call('PUT', '/my/notification-preferences', {
      quietHours: null,
      kinds: { [kind]: { ...DEFAULT_WISHES, ...wishes } },
    })

  test('what is told is in the inbox, is a mail, and is said on the person’s own feed and no other', async () => {
    await issue()
    await stand.work()
    const { body } = await call('GET', '/my/notifications')
    expect(body.data).toMatchObject([
      { kind: 'pass_issued', title: 'Pass 7 is ready', path: '/passes/1', readAt: null },
    ])
    expect(body.data[0].text).toContain('Pass 7 of Ada is valid until 31 December 2026 at 23:59')
    expect(stand.said).toEqual([
      {
        topic: `feed/${stand.school.tenant}/user/${userId}`,
        payload: JSON.stringify({ notification: { id: body.data[0].id, kind: 'pass_issued' } }),
      },
    ])
    expect(await mails()).toMatchObject([
      { template: 'pass_issued', to_address: stand.school.users.get('staff'), state: 'kept' },
    ])
    expect((await mails())[0]!.body!.text).toContain('http://localhost:8080/passes/1')
  })

  test('what is rolled back tells nobody', async () => {
    const undone = stand.inIt(async tx => {
      await notify(tx, stand.school.schoolId, { ...ISSUED, to: { userId }, path: '/x' })
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    await stand.work()
    expect((await call('GET', '/my/notifications')).body.data).toEqual([])
    expect([await mails(), stand.said]).toEqual([[], []])
  })

  test('the inbox goes on by cursor, and counts what is not read until it is', async () => {
    for (let at = 0; at < 5; at++) await issue(`/passes/${at}`)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await call('GET', `/my/notifications?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...body.data.map(({ path }: { path: string }) => path))
      cursor = body.metadata.nextCursor
    }
    expect(seen).toEqual(['/passes/4', '/passes/3', '/passes/2', '/passes/1', '/passes/0'])
    expect((await call('GET', '/my/notifications?cursor=x')).status).toBe(422)

    expect((await call('GET', '/my/notifications/unread')).body.data).toEqual({ unread: 5 })
    const [{ id }] = (await call('GET', '/my/notifications')).body.data
    expect((await call('POST', `/my/notifications/${id}/read`)).body.data).toEqual({ unread: 4 })
    expect((await call('GET', '/my/notifications?unread=true')).body.data).toHaveLength(4)
    const guard = await stand.cloud.signIn(stand.school, 'security')
    expect((await call('POST', `/my/notifications/${id}/read`, undefined, guard)).status).toBe(404)
    expect((await call('POST', '/my/notifications/read')).body.data).toEqual({ unread: 0 })
  })

  test('everybody with a right is told, and whoever is not active is not', async () => {
    await stand.inIt(tx =>
      notify(tx, stand.school.schoolId, {
        kind: 'gate_offline',
        to: { right: 'gate:update' },
        facts: { gate: 'North', since: '2026-09-01T08:00:00Z' },
        path: '/gates',
      }),
    )
    const told = () =>
      stand.inIt(tx =>
        tx.selectFrom('notifications').innerJoin('users', 'users.id', 'notifications.user_id').select('role').execute(),
      )
    expect(await told()).toEqual([{ role: 'facilities' }])
    await stand.inIt(tx => tx.updateTable('users').set({ active: false }).where('role', '=', 'facilities').execute())
    await stand.inIt(tx =>
      notify(tx, stand.school.schoolId, {
        kind: 'gate_offline',
        to: { right: 'gate:update' },
        facts: { gate: 'North', since: '2026-09-01T08:00:00Z' },
        path: '/gates',
      }),
    )
    expect(await told()).toHaveLength(1)
    await stand.inIt(tx => tx.updateTable('users').set({ active: true }).where('role', '=', 'facilities').execute())
  })

  test('a kind that is off goes nowhere, and one for the day is one mail at seven in the school’s zone', async () => {
    expect((await wish('pass_issued', { inbox: 'off', email: 'off' })).status).toBe(200)
    await issue()
    await stand.work()
    expect((await call('GET', '/my/notifications')).body.data).toEqual([])
    expect(await mails()).toEqual([])

    await wish('pass_issued', { email: 'daily' })
    stand.clock.nowMs = Date.parse('2026-11-10T12:00:00Z')
    for (const path of ['/passes/1', '/passes/2']) {
      await issue(path)
      await stand.work()
    }
    const jobs = await stand.inIt(tx => tx.selectFrom('jobs').select(['kind', 'run_after']).execute())
    expect(jobs).toEqual([{ kind: 'daily_mail', run_after: new Date('2026-11-11T06:00:00Z') }])
    expect(await mails()).toEqual([])
    await stand.letTimePass(18 * 3_600_000)
    await stand.work()
    expect(await mails()).toMatchObject([{ template: 'daily', subject: expect.stringMatching(/^Today at .*: 2$/) }])
    const admin = await stand.cloud.signIn(stand.school, 'school_admin')
    const log = await call('GET', '/deliveries?channel=email', undefined, admin)
    expect(log.body.data.map(({ state }: { state: string }) => state)).toEqual(['kept', 'kept'])
  })

  test('a security kind cannot be switched off, and is one notification by the way letters leave', async () => {
    await wish('new_sign_in', { inbox: 'off', email: 'off' })
    const kept = (await call('GET', '/my/notification-preferences')).body.data
    expect(kept.kinds.new_sign_in).toEqual({ inbox: 'now', email: 'now', push: 'now', sms: 'off' })
    expect(kept.fixed).toEqual(['new_sign_in', 'password_changed', 'factor_changed'])
    const values = { device: 'Firefox', address: '192.0.2.7', at: '2026-09-01T10:00:00Z' }
    await stand.inIt(tx =>
      postLetters(stand.jobs)(tx, {
        schoolId: stand.school.schoolId,
        userId,
        to: 'old@school.example',
        template: 'new_sign_in',
        values,
      }),
    )
    await stand.work()
    expect((await call('GET', '/my/notifications')).body.data).toMatchObject([
      { kind: 'new_sign_in', path: '/account' },
    ])
    expect(await mails()).toMatchObject([{ template: 'new_sign_in', subject: 'Somebody signed in to your account' }])
  })

  test('a student without an account gets a mail; words are in the person’s language', async () => {
    await stand.inIt(async tx => {
      const { schoolId } = stand.school
      const actor = { schoolId, userId: null, nowMs: Date.now() }
      const fields = { studentNumber: 'N-1', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@students.example' }
      const student = await createStudent(tx, stand.cloud.vault, actor, fields)
      if (!student.ok) throw new Error('not made')
      await notify(tx, stand.school.schoolId, { ...ISSUED, to: { studentId: student.value.id }, path: '/my' })
    })
    await call('PUT', '/my/language', { language: 'nl' })
    await issue()
    await stand.work()
    expect((await mails()).map(({ to_address, subject }) => [to_address, subject])).toEqual([
      ['ada@students.example', 'Pass 7 is ready'],
      [stand.school.users.get('staff'), 'Pas 7 is klaar'],
    ])
    expect((await call('GET', '/my/notifications')).body.data[0].title).toBe('Pas 7 is klaar')
    await call('PUT', '/my/language', { language: null })
  })

  test('deliveries are gone after thirty days and notifications after ninety', async () => {
    await issue()
    const left = async (days: number) => {
      await stand.inIt(tx => forgetNotifications(tx, Date.now() + days * 86_400_000))
      return stand.inIt(async tx => [
        (await tx.selectFrom('deliveries').select('id').execute()).length,
        (await tx.selectFrom('notifications').select('id').execute()).length,
      ])
    }
    expect([await left(29.9), await left(30.1), await left(89.9), await left(90.1)]).toEqual([
      [1, 1],
      [0, 1],
      [0, 1],
      [0, 0],
    ])
  })
})
