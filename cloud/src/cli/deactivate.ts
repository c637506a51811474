import type { Command } from 'commander'
import { deactivateUser } from '../auth/sessions.repo.ts'
import { readConfig } from '../config.ts'
import { findLogins } from '../db/definer.ts'
import { openDatabase } from '../db/open.ts'
import { inSchool } from '../db/school.ts'

export function addDeactivate(cloud: Command): void {
  cloud
    .command('deactivate')
    .description('Shut somebody out: no sign-in, sessions and access keys ended, open connections closed.')
    .argument('<e-mail>')
    .action(run)
}

async function run(email: string): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)
  await using database = await openDatabase(read.value, () => {})
  const { db } = database
  let shut = 0
  for (const { user_id: userId, school_id: schoolId } of await findLogins(db, email)) {
    if (await inSchool(db, schoolId, tx => deactivateUser(tx, { schoolId, userId, nowMs: Date.now() }))) shut++
  }
  if (shut === 0) throw new Error(`nobody active has the e-mail ${email}`)
  console.log(`${email} is shut out.`)
}
