import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { migrate, migrations } from '../db/migrate.ts'
import { makePartitions } from '../db/partitions.ts'
import { openPglite } from '../db/pglite.ts'
import { asOwnerOf } from '../db/postgres.ts'

export function addMigrate(cloud: Command): void {
  cloud
    .command('migrate')
    .description(
      'Bring the database up to date, as its owner, before the service starts. DATABASE_OWNER_URL says where; without it the data folder.',
    )
    .option('--json', 'say what was done as JSON')
    .action(run)
}

async function run({ json = false }: { json?: boolean }): Promise<void> {
  const { DATABASE_URL: _app, DATABASE_OWNER_URL: ownerUrl, ...others } = process.env
  const read = readConfig(others)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)
  const done =
    ownerUrl === undefined || ownerUrl === '' ? await embedded(read.value.dataFolder) : await postgres(ownerUrl)
  const names = migrations()
    .filter(({ number }) => done.applied.includes(number))
    .map(({ name }) => name)
  if (json) console.log(JSON.stringify({ applied: names, partitions: done.partitions }))
  else console.log(names.length === 0 ? 'The database is up to date.' : `Applied ${names.join(', ')}.`)
}

async function postgres(ownerUrl: string) {
  const applied = await asOwnerOf(ownerUrl, sql => migrate(sql))
  return { applied, partitions: await asOwnerOf(ownerUrl, sql => makePartitions(sql, new Date())) }
}

async function embedded(dataFolder: string) {
  const began = new Date()
  await using database = await openPglite({ folder: dataFolder })
  const fresh = await database.asOwner(sql =>
    sql.rows<{ number: number }>('select number from schema_migrations where applied_at >= $1', [began.toISOString()]),
  )
  return {
    applied: fresh.map(({ number }) => number),
    partitions: await database.asOwner(sql => makePartitions(sql, new Date())),
  }
}
