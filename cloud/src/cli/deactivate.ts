import type { Command } from 'commander'
import { AT_THE_MACHINE } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
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
    const at = { schoolId, nowMs: Date.now(), by: AT_THE_MACHINE }
    const done = await inSchool(db, schoolId, async tx => {
      if (!(await deactivateUser(tx, { ...at, userId }))) return false
      await audit(tx, at, { action: 'user.deactivate', subject: { kind: 'user', id: userId } })
      return true
    })
    if (done) shut++
  }
  if (shut === 0) throw new Error(`nobody active has the e-mail ${email}`)
  console.log(`${email} is shut out.`)
}
