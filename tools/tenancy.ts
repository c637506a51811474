import { openPostgres } from '../cloud/src/db/postgres.ts'
import { enterSuperAdmin, enterTestSchool, startCloud } from '../cloud/src/testing/cloud.ts'
import { furnish } from '../cloud/src/testing/furnish.ts'
import { allPolicies, withoutFilter } from '../cloud/src/testing/layers.ts'
import { createDatabase, startPostgres } from '../cloud/src/testing/postgres.ts'
import { countingNothing, walkTenancy } from '../cloud/src/testing/tenancy-walk.ts'
import { find } from './needs.ts'

/** What holds when the other layer is off. */
const LAYERS = ['both layers', 'the policies of the database alone', 'the filter of the program alone'] as const

if (find('postgres') === null) {
  process.stderr.write(
    'This proof is of PostgreSQL, which is not installed here. On Debian: apt-get install postgresql\n',
  )
  process.exit(1)
}

const server = await startPostgres()
let failed = false
try {
  for (const layer of LAYERS) {
    const beganMs = performance.now()
    await using database = await openPostgres(await createDatabase(server))
    const isFiltered = layer !== 'the policies of the database alone'
    const db = isFiltered ? database.db : withoutFilter(database.db)
    await using cloud = await startCloud({ ...database, db }, { counters: countingNothing })
    const own = await enterTestSchool(database, cloud.vault)
    const theirs = await enterTestSchool(database, cloud.vault)
    await furnish(database, theirs)
    const users = new Map([...own.users, ['super_admin' as const, await enterSuperAdmin(database)]])
    if (layer === 'the filter of the program alone') await allPolicies(database, 'disable')
    const { requests, leaks } = await walkTenancy(cloud, { ours: { ...own, users }, theirs, each: 'all' })
    const seconds = Math.round((performance.now() - beganMs) / 1000)
    process.stdout.write(`${layer}: ${requests} requests in ${seconds} s, ${leaks.length} leaks\n`)
    for (const leak of leaks.slice(0, 50)) process.stdout.write(`  ${leak}\n`)
    failed ||= leaks.length > 0
  }
} finally {
  await server.stop()
}
process.exit(failed ? 1 : 0)
