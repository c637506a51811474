import { randomUUIDv7 } from 'node:crypto'
import { TENANT } from '@gatehouse/shared/wire/topics.ts'
import type { Command } from 'commander'
import { openPasswords } from '../auth/password.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../db/open.ts'
import { leave } from '../db/outbox.ts'
import { inSchool } from '../db/school.ts'
import { generatedPassword } from '../demo/seed.ts'
import { masterKey } from '../keys/master-key.ts'
import { openVault } from '../keys/vault.ts'
import { createSchool, createUser } from '../schools/schools.repo.ts'

type Told = { name: string; tenant: string; zone: string; admin: string; json?: boolean }

export function addSchool(cloud: Command): void {
  cloud
    .command('school')
    .description('Enter a school, with its keys and its first administrator, whose password is shown once.')
    .requiredOption('--name <name>', 'as people call it: "Hillside College"')
    .requiredOption('--tenant <tenant>', 'its place in topics and keys, chosen once: hillside-college')
    .requiredOption('--zone <zone>', 'time zone of its gates: Europe/Amsterdam')
    .requiredOption('--admin <e-mail>', 'who signs in first')
    .option('--json', 'say it as JSON')
    .action(run)
}

async function run({ name, tenant, zone, admin, json = false }: Told): Promise<void> {
  if (!TENANT.test(tenant)) throw new Error(`--tenant ${tenant}: lower-case letters, digits and hyphens, 3 to 36`)
  if (!isZone(zone)) throw new Error(`--zone ${zone}: no such time zone; one is Europe/Amsterdam`)
  if (!/^[^\s@]+@[^\s@]+$/.test(admin) || admin.length > 254) throw new Error(`--admin ${admin}: no e-mail address`)
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)

  await using database = await openDatabase(read.value, () => {})
  const vault = openVault(masterKey(read.value))
  const password = generatedPassword()
  const passwordHash = await openPasswords().hash(password)
  const schoolId = randomUUIDv7()
  await inSchool(database.db, schoolId, async tx => {
    const made = await createSchool(tx, vault, { schoolId, name, tenant, timeZone: zone })
    if (!made.ok) throw new Error(`there is a school with the tenant ${tenant} already; choose another`)
    await createUser(tx, { schoolId, email: admin, displayName: admin, role: 'school_admin', passwordHash })
    // A service that is running makes its first list now.
    await leave(tx, schoolId, 'list.changed', {})
  })
  if (json) console.log(JSON.stringify({ schoolId, tenant, email: admin, password }))
  else {
    console.log(`${name} is entered. ${admin} signs in with the password ${password}; it is not shown again.`)
    // On embedded parts the next start makes the roots as files, and signs with them.
    if (read.value.databaseUrl !== null) {
      console.log(
        `Before a gate can be enrolled its keys must be signed: ./gatehouse keys ceremony --school ${tenant} --folder FOLDER, then keys draft, sign and publish (docs/running-the-cloud.md).`,
      )
    }
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
