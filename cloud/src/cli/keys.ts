import { existsSync, readFileSync } from 'node:fs'
import { KEY_USES } from '@gatehouse/shared/wire/gate-config.ts'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { findSchools } from '../db/definer.ts'
import { openDatabase } from '../db/open.ts'
import { inSchool } from '../db/school.ts'
import type { Tx } from '../db/tables.ts'
import { dateOf, tellBundle } from '../keys/bundle-words.ts'
import { masterKey } from '../keys/master-key.ts'
import { Roots, unsignedBundle } from '../keys/root-keys.ts'
import type { SchoolName } from '../keys/school-keys.ts'
import type { KeyUse } from '../keys/tables.ts'
import { bundleInForce, type DraftFailure, draftBundle, keysOf, publishBundle } from '../keys/trust.repo.ts'
import { openVault, type Vault } from '../keys/vault.ts'
import { writeWhole } from '../keys/write-whole.ts'
import { addCeremony } from './keys-ceremony.ts'
import { addSign, bundleIn } from './keys-sign.ts'

const WARN_S = 60 * 86_400

type Draft = {
  school: string
  out: string
  rotate: KeyUse[]
  revoke: string[]
  reason?: string
  newEpoch?: boolean
  roots?: string
}

/** `gatehouse keys ...`: who may sign for a school, and the roots that say so. */
export function addKeys(program: Command): Command {
  const keys = program
    .command('keys')
    .description('The keys of a school: root keys, the trust bundle, rotation, revocation.')
    .addHelpText(
      'after',
      `
Examples:
  ./gatehouse keys ceremony --school hillside-college --folder /media/stick --passphrase-file words.txt
  ./gatehouse keys draft --school hillside-college --roots roots.json --out bundle.json
  ./gatehouse keys sign bundle.json --root /media/stick/root-1.pem --passphrase-file words.txt
  ./gatehouse keys publish bundle.json
  ./gatehouse keys show --school hillside-college`,
    )
  addCeremony(keys)
  keys
    .command('draft')
    .description(
      'Write the next trust bundle, unsigned. Nothing is in force until two roots signed it and it is published.',
    )
    .requiredOption('--school <tenant>', 'whose keys')
    .option('--out <file>', 'where it goes', 'bundle.json')
    .option('--rotate <use>', `a new key beside the old one: ${KEY_USES.join(', ')}; may be given again`, listed, [])
    .option('--revoke <kid>', 'a key that signs nothing from then on; may be given again', listed, [])
    .option('--reason <words>', 'why, for the people who sign')
    .option('--new-epoch', 'refuse every list that was signed before: the list key was stolen')
    .option('--roots <file>', 'roots.json of the ceremony: the first roots, or new ones')
    .action(draft)
  addSign(keys)
  keys
    .command('publish')
    .description('Put a signed bundle in force: gates follow it at once.')
    .argument('<bundle.json>')
    .action(publish)
  keys
    .command('show')
    .description('Say which keys there are, from when to when, and which of them gates believe.')
    .requiredOption('--school <tenant>', 'whose keys')
    .action(show)
  return keys
}

const listed = (one: string, before: string[]) => [...before, one]

const DRAFT_FAILURES: Readonly<Record<DraftFailure, string>> = {
  no_roots: 'this school has no roots yet: ./gatehouse keys ceremony makes them; then name roots.json with --roots',
  no_such_key: 'there is no key of that name: ./gatehouse keys show lists them',
  no_key_left: 'a use would have no key left that may sign: add --rotate with that use',
}

async function draft({ school, out, rotate, revoke, reason, newEpoch = false, roots }: Draft): Promise<void> {
  for (const use of rotate)
    if (!KEY_USES.includes(use)) throw new Error(`--rotate ${use}: one of ${KEY_USES.join(', ')}`)
  if (revoke.length > 0 && reason === undefined)
    throw new Error('--revoke wants a --reason: people read it before they sign')
  if (existsSync(out)) throw new Error(`${out} is there already`)
  const change = {
    rotate,
    revoke: revoke.map(kid => ({ kid, reason: reason! })),
    newEpoch,
    roots: roots === undefined ? null : Roots.parse(JSON.parse(readFileSync(roots, 'utf8'))),
  }
  await forSchool(school, async (tx, of, vault) => {
    const before = await bundleInForce(tx, of.schoolId)
    const made = await draftBundle(tx, vault, of, change, Date.now())
    if (!made.ok) throw new Error(DRAFT_FAILURES[made.failure])
    writeWhole(out, `${JSON.stringify(unsignedBundle(made.value))}\n`)
    if (before !== null) writeWhole(`${out}.before`, `${JSON.stringify(before.jws)}\n`)
    console.log(tellBundle(made.value, before?.bundle ?? null).join('\n'))
    const beside = before === null ? '' : ` --before ${out}.before`
    console.log(`${out} is for two root keepers: ./gatehouse keys sign ${out} --root root-1.pem${beside}`)
  })
}

async function publish(file: string): Promise<void> {
  const { jws, bundle } = bundleIn(file)
  await forSchool(bundle.issuer, async (tx, of) => {
    const done = await publishBundle(tx, of, jws, Date.now())
    if (!done.ok) throw new Error(`${file} is refused as ${done.failure}; nothing has changed`)
    console.log(
      `Version ${bundle.version}, epoch ${bundle.epoch} of ${of.tenant} is in force. Gates follow as they hear of it.`,
    )
  })
}

async function show({ school }: { school: string }): Promise<void> {
  await forSchool(school, async (tx, { schoolId }) => {
    const nowS = Math.floor(Date.now() / 1000)
    const inForce = await bundleInForce(tx, schoolId)
    if (inForce === null) console.log('No trust bundle is published yet: no gate can be enrolled.')
    else console.log(tellBundle(inForce.bundle, null).join('\n'))
    for (const { kid, bundled, expires, revoked_at } of await keysOf(tx, schoolId)) {
      const expiresS = Math.floor(expires.getTime() / 1000)
      if (!bundled && inForce !== null) console.log(`draft: key ${kid} is in no published bundle and signs nothing`)
      if (bundled && revoked_at === null && expiresS - nowS < WARN_S)
        console.log(`warning: key ${kid} ${expiresS <= nowS ? 'has run out' : `runs out on ${dateOf(expiresS)}`}`)
    }
  })
}

/** Runs `work` in the school of this tenant, on the database that the environment names. */
async function forSchool(
  tenant: string,
  work: (tx: Tx, school: SchoolName, vault: Vault) => Promise<void>,
): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)
  await using database = await openDatabase(read.value, () => {})
  const { db } = database
  const school = (await findSchools(db)).find(school => school.tenant === tenant)
  if (school === undefined) throw new Error(`there is no school with the tenant ${tenant}`)
  const vault = openVault(masterKey(read.value))
  await inSchool(db, school.id, tx => work(tx, { schoolId: school.id, tenant }, vault))
}
