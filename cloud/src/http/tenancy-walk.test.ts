import { expect, test } from 'vitest'
import { enterSuperAdmin, enterTestSchool, startCloud } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { furnish } from '../testing/furnish.ts'
import { countingNothing, walkTenancy } from '../testing/tenancy-walk.ts'

onBothEngines('every operation by every role with an id of another school', engine => {
  test('tells nothing of it and changes nothing in it', async () => {
    await using database = await engine.fresh()
    await using cloud = await startCloud(database, { counters: countingNothing })
    const own = await enterTestSchool(database, cloud.vault)
    const theirs = await enterTestSchool(database, cloud.vault)
    await furnish(database, theirs)
    const users = new Map([...own.users, ['super_admin' as const, await enterSuperAdmin(database)]])
    const { requests, leaks } = await walkTenancy(cloud, { ours: { ...own, users }, theirs, each: 'one' })
    expect(leaks).toEqual([])
    expect(requests).toBeGreaterThan(600)
  }, 120_000)
})
