import { readFileSync } from 'node:fs'
import { TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import { acceptBundle, type BundleFacts, extendChain, type TrustRefusal } from '@gatehouse/shared/list/trust.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { flattenedVerify } from 'jose'
import { oneAtATime } from '../core/one-at-a-time.ts'
import type { Journal } from '../store/journal.ts'
import { writeWhole } from '../store/write-whole.ts'
import { type Trust, trustIn, trustOf } from './trust.ts'

/** `no_roots`: this gate was told no roots at its enrolment, so no bundle can be checked. */
export type TrustFailure = TrustRefusal | 'no_roots'

/** Whom the gate trusts now. It changes under the feet of who holds it, and says so by its version. */
export type TrustKeeper = Trust & {
  /** Bundles as they came, one after the other. Answers whether trust has changed; what was good before a bad one stays. */
  hear(text: string): Promise<Result<'changed' | 'in_force', TrustFailure>>
  /** What another gate needs to come as far; null of a gate without roots. */
  chain(): TrustChain | null
}

export type TrustKeeperNeeds = {
  readonly identity: Pick<GateIdentity, 'tenant' | 'trust' | 'roots'>
  /** The file of the bundles that came since the enrolment; null: nothing is kept. */
  readonly path: string | null
  /** Where version and epoch are kept a second time. */
  readonly journal: Pick<Journal, 'trustFloor' | 'raiseTrustFloor'>
  readonly now: () => { readonly epochS: number; readonly confirmed: boolean }
  /** A bundle is in force and could not be written down. */
  readonly unkept: (error: unknown) => void
}

const NO_FLOOR = { version: 0, epoch: 0 }

/**
 * Trust from the roots of the enrolment to the newest bundle, verified step by step at each start. Throws when the identity's own first
 * bundle does not hold.
 */
export async function keepTrust(needs: TrustKeeperNeeds): Promise<TrustKeeper> {
  const { identity, path, journal, now } = needs
  const { tenant } = identity
  const pinned = identity.roots
  let chain: TrustChain = pinned === undefined ? [] : [pinned]
  let inForce: BundleFacts['inForce'] = null
  let trust = trustIn(identity.trust)
  const inTurn = oneAtATime()

  const accept = (said: unknown, floor: BundleFacts['floor'], nowS: number | null) =>
    acceptBundle(said, { tenant, inForce, floor, nowS, signedBy: isSignedBy })

  const use = ({ bundle, jws }: { bundle: NonNullable<typeof inForce>['bundle']; jws: TrustChain[number] }) => {
    inForce = { bundle, payload: jws.payload }
    trust = trustOf(bundle)
  }

  if (pinned !== undefined) {
    const first = await accept(pinned, NO_FLOOR, null)
    if (!first.ok) throw new Error(`the identity's roots are refused as ${first.failure}: enrol this gate again`)
    use(first.value)
    for (const jws of keptIn(path)) {
      const next = await accept(jws, NO_FLOOR, null)
      // A damaged or foreign file is as good as none: the next bundle from the cloud brings everything.
      if (!next.ok) break
      if (next.value.is === 'in_force') continue
      use(next.value)
      chain = extendChain(chain, next.value.jws)
    }
  }

  const hear = async (text: string): Promise<Result<'changed' | 'in_force', TrustFailure>> => {
    if (inForce === null) return fail('no_roots')
    const told = TrustChain.safeParse(jsonIn(text))
    if (!told.success) return fail('malformed')
    const { epochS, confirmed } = now()
    let changed = false
    for (const [at, jws] of told.data.entries()) {
      const isLast = at === told.data.length - 1
      const floor = isLast ? journal.trustFloor() : NO_FLOOR
      const next = await accept(jws, floor, confirmed ? epochS : null)
      if (!next.ok) {
        // What leads to the newest may be behind us by now.
        if (!isLast && PASSED.includes(next.failure)) continue
        return next
      }
      if (next.value.is === 'in_force') continue
      const longer = extendChain(chain, next.value.jws)
      // Durable first, then in force; and where the power goes between, it is in force after the start. A full disk must not keep a
      // stolen key alive: it is in force all the same, and comes again after the start.
      if (path !== null) {
        try {
          writeWhole(path, JSON.stringify(longer.slice(1)), 0o600)
        } catch (error) {
          needs.unkept(error)
        }
      }
      journal.raiseTrustFloor(next.value.bundle)
      chain = longer
      use(next.value)
      changed = true
    }
    return ok(changed ? 'changed' : 'in_force')
  }

  return {
    get epoch() {
      return Math.max(trust.epoch, journal.trustFloor().epoch)
    },
    get version() {
      return trust.version
    },
    find: (use, kid, atS) => trust.find(use, kid, atS),
    hear: text => inTurn(() => hear(text)),
    chain: () => (chain.length === 0 ? null : chain),
  }
}

const PASSED: readonly TrustFailure[] = ['older_version', 'too_few_old_roots']

const isSignedBy: BundleFacts['signedBy'] = async (part, { jwk }) => {
  try {
    await flattenedVerify(part, { ...jwk, alg: 'Ed25519' }, { algorithms: ['Ed25519'] })
    return true
  } catch {
    return false
  }
}

function keptIn(path: string | null): readonly unknown[] {
  if (path === null) return []
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return Array.isArray(kept) ? kept : []
  } catch {
    return []
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
