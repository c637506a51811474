import { readFileSync } from 'node:fs'
import { BundleJws } from '@gatehouse/shared/list/bundle-jws.ts'
import { ROOT_THRESHOLD, type TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { readBundle } from '@gatehouse/shared/list/trust.ts'
import type { Command } from 'commander'
import { tellBundle } from '../keys/bundle-words.ts'
import { readRoot, signBundle, signersIn } from '../keys/root-keys.ts'
import { writeWhole } from '../keys/write-whole.ts'
import { passphraseIn } from './keys-ceremony.ts'

type Told = { root: string; passphraseFile?: string; before?: string }

export function addSign(keys: Command): void {
  keys
    .command('sign')
    .description(
      'Add the signature of one root to a bundle, and say in words what is signed. Needs no network and no database.',
    )
    .argument('<bundle.json>')
    .requiredOption('--root <file>', 'root-1.pem of its keeper')
    .option('--passphrase-file <file>', 'where the root is encrypted')
    .option('--before <file>', 'the bundle in force, to be told what changes')
    .action(run)
}

async function run(file: string, { root: rootFile, passphraseFile, before }: Told): Promise<void> {
  const { jws, bundle } = bundleIn(file)
  const root = readRoot(rootFile, bundle.issuer, passphraseIn(passphraseFile))
  const known = before === undefined ? null : bundleIn(before).bundle
  const isRoot = [...bundle.roots, ...(known?.roots ?? [])].some(({ kid }) => kid === root.kid)
  // Where the roots change, an old one is in the bundle before only, which may not be at hand.
  if (!isRoot && known !== null) throw new Error(`${rootFile} is ${root.kid}: neither bundle knows it`)
  const signed = await signBundle(jws, root)
  console.log(tellBundle(bundle, known).join('\n'))
  writeWhole(file, `${JSON.stringify(signed)}\n`)
  const signers = signersIn(signed)
  console.log(
    `Signed by ${signers.join(', ')}. ${ROOT_THRESHOLD} of its own roots must sign, and ${ROOT_THRESHOLD} of the roots before.`,
  )
}

/** A bundle from a file, as it says itself; no signature of it is checked. */
export function bundleIn(file: string): { readonly jws: BundleJws; readonly bundle: TrustBundle } {
  let said: unknown
  try {
    said = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Error(`${file} cannot be read as a bundle`)
  }
  const jws = BundleJws.safeParse(said)
  const bundle = jws.success ? readBundle(jws.data) : null
  if (!jws.success || !bundle?.ok) throw new Error(`${file} is no trust bundle: ./gatehouse keys draft makes one`)
  return { jws: jws.data, bundle: bundle.value }
}
