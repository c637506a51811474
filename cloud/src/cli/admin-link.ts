import type { Command } from 'commander'
import { AT_THE_MACHINE } from '../audit/actor.ts'
import { audit } from '../audit/audit.ts'
import { resetLink } from '../auth/reset-letters.ts'
import { setupLink } from '../auth/setup.repo.ts'
import { readConfig } from '../config.ts'
import { findLogins } from '../db/definer.ts'
import { openDatabase } from '../db/open.ts'
import { inSchool } from '../db/school.ts'

export function addAdminLink(cloud: Command): void {
  cloud
    .command('admin-link')
    .description(
      'Print a link that works once: for the first school and its administrator, or with --for, one that sets a new password.',
    )
    .option('--for <e-mail>', 'somebody who is entered already and cannot get in; the link serves for an hour')
    .action(run)
}

async function run({ for: email }: { for?: string }): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)
  const { publicUrl } = read.value
  await using database = await openDatabase(read.value, () => {})
  const { db } = database
  if (email === undefined) {
    const link = await setupLink(db, { publicUrl, nowMs: Date.now() })
    if (link === null) {
      throw new Error('there is a school already; with --for E-MAIL this makes a link for somebody who cannot get in')
    }
    return console.log(link)
  }
  const found = (await findLogins(db, email)).filter(({ active }) => active)
  if (found.length === 0) throw new Error(`nobody active has the e-mail ${email}`)
  for (const { user_id: userId, school_id: schoolId, role } of found) {
    const at = { schoolId, nowMs: Date.now(), by: AT_THE_MACHINE }
    const link = await inSchool(db, schoolId, async tx => {
      await audit(tx, at, { action: 'password.reset_asked', subject: { kind: 'user', id: userId } })
      return resetLink(tx, { ...at, userId, publicUrl })
    })
    console.log(found.length === 1 ? link : `${role}: ${link}`)
  }
}
