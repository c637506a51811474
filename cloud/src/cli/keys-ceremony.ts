import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TENANT } from '@gatehouse/shared/wire/topics.ts'
import type { Command } from 'commander'
import { makeRoots, writeRoots } from '../keys/root-keys.ts'

type Told = { school: string; folder: string; passphraseFile?: string }

export function addCeremony(keys: Command): void {
  keys
    .command('ceremony')
    .description('Make the three root keys of a school, as files. On a machine without a network, with two people.')
    .requiredOption('--school <tenant>', 'whose roots')
    .requiredOption('--folder <folder>', 'where the files go; nothing is written over')
    .option('--passphrase-file <file>', 'encrypt each with the words in this file')
    .action(run)
}

function run({ school, folder, passphraseFile }: Told): void {
  if (!TENANT.test(school)) throw new Error(`--school ${school}: lower-case letters, digits and hyphens, 3 to 36`)
  const roots = makeRoots(school)
  const paths = writeRoots(folder, roots, passphraseIn(passphraseFile))
  console.log(`Three root keys of ${school}. Any two sign; one alone can do nothing, and one that is lost is no harm.`)
  for (const [at, path] of paths.entries()) {
    console.log(
      `  ${path}  ${roots[at]!.kid}\n    for its own keeper: move it to a medium of its own, and to a safe of its own`,
    )
  }
  console.log(`  ${join(folder, 'roots.json')}  public: give it to who runs the service, for ./gatehouse keys draft`)
  console.log('None of the three belongs on the machine of the service, nor in its backups.')
}

/** The first line of a file; null where no file was named. */
export function passphraseIn(path: string | undefined): string | null {
  if (path === undefined) return null
  const [line = ''] = readFileSync(path, 'utf8').split(/\r?\n/)
  if (line.length < 12) throw new Error(`${path}: a passphrase has 12 characters at least, in the first line`)
  return line
}
