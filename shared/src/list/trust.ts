import { z } from 'zod'
import { fromBase64url } from '../bytes.ts'
import { fail, ok, type Result } from '../result.ts'
import { HEAD_FUTURE_S_MAX } from './acceptance.ts'
import { BundleJws, type TrustChain } from './bundle-jws.ts'
import { type BundleKey, ROOT_THRESHOLD, TRUST_TYP, TrustBundle } from './documents.ts'

/** Every way a bundle is refused, in the order in which they are asked. The one in force stays. */
export const TRUST_REFUSALS = [
  'malformed',
  'wrong_algorithm',
  'wrong_type',
  'unknown_extension',
  'other_tenant',
  'too_few_old_roots',
  'too_few_new_roots',
  'older_version',
  'older_epoch',
  'equivocation',
  'older_date',
  'future_date',
] as const
export type TrustRefusal = (typeof TRUST_REFUSALS)[number]

/** How far trust had come, durably: nothing below is taken again. */
export type TrustFloor = { readonly version: number; readonly epoch: number }

export type BundleFacts = {
  readonly tenant: string
  /** The bundle in force; null before the first, which is believed by whom it came from. */
  readonly inForce: { readonly bundle: TrustBundle; readonly payload: string } | null
  readonly floor: TrustFloor
  /** The gate's time; null while nobody has signed it. */
  readonly nowS: number | null
  /** Whether this signature is the root's, by jose with the algorithm pinned to Ed25519. */
  readonly signedBy: (
    part: { readonly payload: string; readonly protected: string; readonly signature: string },
    root: TrustBundle['roots'][number],
  ) => Promise<boolean>
}

/** `in_force`: it is the very one in force. */
export type BundleAnswer = { readonly is: 'in_force' | 'newer'; readonly bundle: TrustBundle; readonly jws: BundleJws }

/** Whether a bundle may take the place of the one in force. A new one needs a threshold of the old roots and of its own. */
export async function acceptBundle(said: unknown, facts: BundleFacts): Promise<Result<BundleAnswer, TrustRefusal>> {
  const jws = BundleJws.safeParse(said)
  if (!jws.success) return fail('malformed')
  const { payload, signatures } = jws.data
  const read = readBundle(jws.data)
  if (!read.ok) return read
  const bundle = read.value
  const { inForce, floor, nowS, tenant } = facts

  const roots: { readonly kid: string; readonly part: Parameters<BundleFacts['signedBy']>[0] }[] = []
  for (const signature of signatures) {
    const kid = rootNamedBy(signature.protected)
    if (!kid.ok) return kid
    roots.push({ kid: kid.value, part: { payload, ...signature } })
  }
  /** Of these roots those that signed, each once however often it did. A signature of somebody else counts nothing. */
  const signers = async (of: TrustBundle['roots']): Promise<number> => {
    const signed = new Set<string>()
    for (const { kid, part } of roots) {
      const root = of.find(root => root.kid === kid)
      if (root !== undefined && (await facts.signedBy(part, root))) signed.add(root.jwk.x)
    }
    return signed.size
  }

  if (bundle.issuer !== tenant) return fail('other_tenant')
  if (inForce !== null && (await signers(inForce.bundle.roots)) < ROOT_THRESHOLD) return fail('too_few_old_roots')
  if ((await signers(bundle.roots)) < ROOT_THRESHOLD) return fail('too_few_new_roots')
  if (bundle.version < Math.max(floor.version, inForce?.bundle.version ?? 0)) return fail('older_version')
  if (bundle.epoch < Math.max(floor.epoch, inForce?.bundle.epoch ?? 0)) return fail('older_epoch')
  if (inForce !== null) {
    if (bundle.version === inForce.bundle.version) {
      return payload === inForce.payload ? ok({ is: 'in_force', bundle, jws: jws.data }) : fail('equivocation')
    }
    if (bundle.issuedAtS < inForce.bundle.issuedAtS) return fail('older_date')
  }
  if (nowS !== null && bundle.issuedAtS > nowS + HEAD_FUTURE_S_MAX) return fail('future_date')
  return ok({ is: 'newer', bundle, jws: jws.data })
}

/** What a bundle says; nothing of it is verified. */
export function readBundle({ payload }: BundleJws): Result<TrustBundle, 'malformed'> {
  const bundle = TrustBundle.safeParse(jsonIn(payload))
  return bundle.success && isConsistent(bundle.data) ? ok(bundle.data) : fail('malformed')
}

/** Whether a key may sign at this moment: in its dates, and never revoked. Null: the dates are not asked. */
export function maySign(key: Omit<BundleKey, 'jwk'>, atS: number | null): boolean {
  return key.revokedAtS === null && (atS === null || (key.notBeforeS <= atS && atS < key.expiresS))
}

/** The next chain: one that left the roots as they were makes room for the newer, any other stays. */
export function extendChain(chain: TrustChain, newest: BundleJws): TrustChain {
  const [before, last] = [chain.at(-2), chain.at(-1)]
  if (before === undefined || last === undefined) return [...chain, newest]
  return sameRoots(before, last) ? [...chain.slice(0, -1), newest] : [...chain, newest]
}

function sameRoots(a: BundleJws, b: BundleJws): boolean {
  const keys = (jws: BundleJws) => {
    const bundle = readBundle(jws)
    return bundle.ok ? bundle.value.roots.map(({ jwk }) => jwk.x).toSorted() : []
  }
  return keys(a).join() === keys(b).join()
}

function rootNamedBy(header: string): Result<string, TrustRefusal> {
  const said = z.looseObject({ kid: z.string() }).safeParse(jsonIn(header))
  if (!said.success) return fail('malformed')
  const { alg, typ, crit, kid } = said.data
  if (alg !== 'Ed25519') return fail('wrong_algorithm')
  if (typ !== TRUST_TYP) return fail('wrong_type')
  return crit === undefined ? ok(kid) : fail('unknown_extension')
}

/** One name for one key, and one key for one root: the same key under two names would count twice. */
function isConsistent({ issuer, roots, keys }: TrustBundle): boolean {
  const isOne = (values: readonly string[]) => new Set(values).size === values.length
  return (
    isOne(roots.map(({ kid }) => kid)) &&
    isOne(roots.map(({ jwk }) => jwk.x)) &&
    isOne(keys.map(({ kid }) => kid)) &&
    keys.every(({ kid, use, notBeforeS, expiresS }) => kid.startsWith(`${issuer}/${use}/`) && notBeforeS < expiresS)
  )
}

function jsonIn(text: string): unknown {
  const bytes = fromBase64url(text)
  if (bytes === null) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
