import { expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { csv, importFixture } from '../testing/import-fixture.ts'
import { importStand } from '../testing/import-stand.ts'
import { forgetImports, UNDO_DAYS } from './imports.repo.ts'

onBothEngines('undoing an import', engine => {
  const it = importFixture(engine)

  test('puts back what was there, archives what was made, and keeps what was changed since', async () => {
    const changed = await it.enter('S-001', { birthDate: '2008-05-17', notes: 'a note' })
    const archived = await it.enter('S-002')
    const left = await it.enter('S-003', { email: 'three@x.example' })
    const passes = [await it.issue(archived), await it.issue(left)]
    const before = await it.students()
    const done = await it.stand.applied(
      csv(
        'S-001,Augusta,King,new@x.example,Physics,,18-05-2008,',
        'S-003,Ada,Lovelace,,,left,,',
        'S-004,Made,One,,,,,',
        'S-005,Made,Two,,,,,',
        'S-006,Made,Three,,,,,',
      ),
      { absent: 'archive' },
    )
    const made = await it.students()
    await it.stand.call('PATCH', `/students/${made.get('S-005')!.id}`, { lastName: 'Renamed' })
    await it.issue(made.get('S-006')!.id as string)
    const back = await it.stand.step(done.id, 'POST', '/undo')
    expect(back).toMatchObject({ state: 'undone', undo: { restored: 3, archived: 1, kept: 2, passesStayRevoked: 2 } })
    const now = await it.students()
    expect([...now.keys()]).toEqual(['S-001', 'S-002', 'S-003', 'S-005', 'S-006'])
    for (const number of ['S-001', 'S-002', 'S-003']) {
      const { updatedAt: _, version: __, ...was } = before.get(number)!
      expect(now.get(number)).toMatchObject({ ...was, passCount: number === 'S-001' ? 0 : 1 })
    }
    expect((await it.stand.call('GET', `/students/${changed}`)).body.data).toMatchObject({
      notes: 'a note',
      birthDate: '2008-05-17',
    })
    expect([await it.passStatus(passes[0]!), await it.passStatus(passes[1]!)]).toEqual(['revoked', 'revoked'])
    expect((await it.stand.call('POST', `/imports/${done.id}/undo`)).body.error.code).toBe('not_applied')
    const kept = (await it.rows(done.id)).filter(({ undone }) => undone === 'kept')
    expect(kept.map(({ studentNumber }) => studentNumber)).toEqual(['S-005', 'S-006'])
  })

  test('gives back the passes of who was suspended by it', async () => {
    const passId = await it.issue(await it.enter('S-001'))
    const done = await it.stand.applied(csv('S-001,Ada,Lovelace,,,suspended'))
    expect(await it.passStatus(passId)).toBe('suspended')
    await it.stand.step(done.id, 'POST', '/undo')
    expect(await it.passStatus(passId)).toBe('active')
  })

  test('does not bring back an archived student whose number somebody else has now', async () => {
    await it.enter('S-001', { firstName: 'First' })
    const done = await it.stand.applied(csv('S-002,New,One'), { absent: 'archive' })
    await it.enter('S-001', { firstName: 'Second' })
    expect(await it.stand.step(done.id, 'POST', '/undo')).toMatchObject({ undo: { restored: 0, archived: 1, kept: 1 } })
    expect((await it.students()).get('S-001')).toMatchObject({ firstName: 'Second' })
  })

  test('is possible for 30 days; then what rows said of people is deleted', async () => {
    const done = await it.stand.applied(csv('S-001,Ada,King'))
    it.cloud.clock.nowMs += UNDO_DAYS * 86_400_000 + 60_000
    const late = await importStand(it.cloud, it.school)
    expect((await late.call('POST', `/imports/${done.id}/undo`)).body.error.code).toBe('too_late')
    await inSchool(it.database.db, it.school.schoolId, tx => forgetImports(tx, { nowMs: it.cloud.clock.nowMs }))
    expect(await it.count(`import_rows where import_id = '${done.id}'`)).toBe(0)
    expect(await late.find(done.id)).toMatchObject({ outcome: { made: 1 } })
    await late[Symbol.asyncDispose]()
    it.cloud.clock.nowMs = Date.now()
  })
})
