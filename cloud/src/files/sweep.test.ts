import { randomBytes } from 'node:crypto'
import { utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { sweepFiles } from './sweep.ts'
import { filesStand } from './testing/files-stand.ts'
import { halves, smallPdf } from './testing/pictures.ts'

onBothEngines('what no row names', engine => {
  test('goes from the store a day later, and nothing else does', async () => {
    await using database = await engine.fresh()
    await using stand = await filesStand(database)
    const { db } = database
    const { schoolId } = stand.school
    const document = (await stand.upload(smallPdf())).body.data.id
    const photo = (await stand.upload(await halves(30, 30).jpeg().toBuffer(), { category: 'photo' })).body.data.id
    await stand.work()
    const waiting = (await stand.upload(smallPdf())).body.data.id
    const kept = stand.inStore().toSorted()
    expect(kept).toHaveLength(4)

    // A process that was killed between the store and the row.
    const put = async (name: string) =>
      stand.store.put(
        name,
        (async function* () {
          yield randomBytes(10)
        })(),
      )
    await put(`${schoolId}/${'b'.repeat(32)}`)
    // And one that was killed between settling a photo and destroying what came.
    await put(`${schoolId}/${(await stand.row(photo)).storage_name}`)
    const sweep = (nowMs: number) => sweepFiles({ db, store: stand.store }, schoolId, nowMs)
    const now = Date.now()
    expect(await sweep(now + 23 * 3_600_000)).toBe(0)
    expect(stand.inStore()).toHaveLength(6)
    expect(await sweep(now + 25 * 3_600_000)).toBe(2)
    expect(stand.inStore().toSorted()).toEqual(kept)

    // Whose person was erased.
    await inSchool(db, schoolId, tx => tx.deleteFrom('files').where('id', 'in', [document, waiting]).execute())
    for (const path of stand.inStore()) utimesSync(path, new Date(now - 25 * 3_600_000), new Date(now - 25 * 3_600_000))
    expect(await sweep(now)).toBe(2)
    expect(
      stand
        .inStore()
        .map(path => path.split('.').at(-1))
        .toSorted(),
    ).toEqual(['photo', 'thumbnail'])
  })
})
