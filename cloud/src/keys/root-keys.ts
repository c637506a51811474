import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { BundleJws } from '@gatehouse/shared/list/bundle-jws.ts'
import { ROOT_COUNT, TRUST_TYP, TrustBundle } from '@gatehouse/shared/list/documents.ts'
import { GeneralSign } from 'jose'

/** The public halves of a school's roots, as a bundle has them. */
export const Roots = TrustBundle.shape.roots
export type Roots = TrustBundle['roots']

export type RootKey = { readonly kid: string; readonly key: KeyObject }

/** Three root keys of a school. They sign trust bundles and nothing else, and are never in the database. */
export function makeRoots(tenant: string): RootKey[] {
  return Array.from({ length: ROOT_COUNT }, () => rootOf(tenant, generateKeyPairSync('ed25519').privateKey))
}

export function publicRoots(roots: readonly RootKey[]): Roots {
  return roots.map(({ kid, key }) => ({ kid, jwk: { kty: 'OKP', crv: 'Ed25519', x: publicX(key) } }))
}

/** Called by what they are, so that the roots of two ceremonies are never taken for each other. */
export function rootOf(tenant: string, key: KeyObject): RootKey {
  const name = createHash('sha256').update(publicX(key)).digest('hex').slice(0, 12)
  return { kid: `${tenant}/root/${name}`, key }
}

/** The bundle with one more signature. The one that this root gave before makes room. */
export async function signBundle({ payload, signatures }: BundleJws, { kid, key }: RootKey): Promise<BundleJws> {
  const signed = await new GeneralSign(Buffer.from(payload, 'base64url'))
    .addSignature(key)
    .setProtectedHeader({ alg: 'Ed25519', typ: TRUST_TYP, kid })
    .sign()
  const others = signatures.filter(({ protected: header }) => kidIn(header) !== kid)
  const ours = signed.signatures.map(({ protected: header, signature }) => ({ protected: header!, signature }))
  return { payload, signatures: [...others, ...ours] }
}

/** A bundle that nobody has signed yet. */
export function unsignedBundle(bundle: TrustBundle): BundleJws {
  return { payload: Buffer.from(JSON.stringify(bundle)).toString('base64url'), signatures: [] }
}

/** Who signed a bundle, as it says itself. */
export function signersIn({ signatures }: BundleJws): string[] {
  return signatures.map(({ protected: header }) => kidIn(header))
}

/**
 * Writes root keys as files of their own, readable by their owner only, and `roots.json` with the public halves. Throws where one is there
 * already: a root that is written over is lost.
 */
export function writeRoots(folder: string, roots: readonly RootKey[], passphrase: string | null): string[] {
  const paths = roots.map((_, at) => join(folder, `root-${at + 1}.pem`))
  const index = join(folder, 'roots.json')
  for (const path of [...paths, index]) if (existsSync(path)) throw new Error(`${path} is there already`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const [at, { key }] of roots.entries()) writeNew(paths[at]!, pemOf(key, passphrase))
  writeNew(index, `${JSON.stringify(publicRoots(roots), null, 2)}\n`)
  return paths
}

/** The private root in a file. Throws in words that say what to do. */
export function readRoot(path: string, tenant: string, passphrase: string | null): RootKey {
  const pem = readFileSync(path, 'utf8')
  if (pem.includes('ENCRYPTED') && passphrase === null)
    throw new Error(`${path} is encrypted: name the file of its passphrase with --passphrase-file`)
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== null && { passphrase }) })
  } catch {
    throw new Error(`${path} does not open: it is no root key, or the passphrase is another one`)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is no Ed25519 key`)
  return rootOf(tenant, key)
}

function pemOf(key: KeyObject, passphrase: string | null): string {
  const plain = { type: 'pkcs8', format: 'pem' } as const
  return String(key.export(passphrase === null ? plain : { ...plain, cipher: 'aes-256-cbc', passphrase }))
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
}

function publicX(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'jwk' }).x!
}

function kidIn(header: string): string {
  return String((JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { kid?: unknown }).kid)
}
