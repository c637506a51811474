import type { ClockQuality } from '../events/record.ts'
import type { ListPolicy } from '../list/documents.ts'
import type { Policy } from '../list/policy.ts'
import type { ListPass, RowFlags } from '../list/rows.ts'
import type { PassBody } from '../pass/body.ts'

/**
 * A code's certificate as it was found before any rule is asked. The key, and whether the signature holds, are facts
 * that the caller brings. `unchecked`: the code had failed before its signature was worth the time; it opens nothing.
 */
export type Certificate =
  | { readonly found: 'malformed' }
  | { readonly found: 'unknown_key' | 'unchecked' | 'bad_signature' | 'signed'; readonly body: PassBody }

/** What a phone or a wallet showed besides, to prove that this is its own code and of this moment. */
export type Proof = {
  /** By its own time alone, against the gate's trusted time. `unknown`: that time is in doubt. */
  readonly age: 'fresh' | 'stale_proof' | 'future_proof' | 'unknown'
  /**
   * Whether the device's signature or the wallet's number holds. `no_secret`: this site has nothing to check the number
   * with. `none`: it was not checked, because no key is known or because something before it had failed.
   */
  readonly held: 'good' | 'bad' | 'no_secret' | 'none'
  /** Its time is not after the last one granted for this pass. */
  readonly replayed: boolean
}

/** What was presented. */
export type Presented =
  /** Only the list knows it. */
  | { readonly kind: 'card' }
  /** Speaks for itself. Without a proof it is a static code, and a copy of it opens as well as it does. */
  | { readonly kind: 'code'; readonly certificate: Certificate; readonly proof: Proof | null }
  /** A phone's code that only names its pass: the row alone decides. */
  | { readonly kind: 'reference'; readonly passId: string; readonly proof: Proof }

/** A pass as the list has it. A flag that is not there is not set. */
export type ListedPass = Omit<ListPass, 'flags'> & { readonly flags?: Partial<RowFlags> }

/**
 * What the signed policy says at this gate. A policy without group sets has none, one that is silent on static codes takes them,
 * and one that is silent on the age of the list or on a clock in doubt has the defaults.
 */
export type PolicyFacts = Policy &
  Partial<Pick<ListPolicy, 'groupSets' | 'staticPasses' | 'lease' | 'whenClockInDoubt'>>

/** What is known about an attempt at the moment of the tap. Gathered by the caller, never here. */
export type Attempt = {
  readonly presented: Presented
  /** The list's row for the card or the pass; null where it has none. */
  readonly row: ListedPass | null
  readonly list: {
    readonly serialMax: number
    /** Seconds since somebody last signed that this is the list; null where there is none. */
    readonly ageS: number | null
    readonly policy: PolicyFacts
  }
  readonly lane: {
    /** Bit i = the access point is in group i. */
    readonly groups: number
    readonly direction: 'in' | 'out'
  }
  readonly at: {
    /** Unix seconds of the gate's trusted time. */
    readonly epochS: number
    /** How far that is trusted. In doubt, `epochS` is the earliest that it can be. */
    readonly clock: ClockQuality
    /** The same moment on the gate's wall: 1 Monday .. 7 Sunday, minutes since midnight, and `2026-12-24`. */
    readonly dayOfWeek: number
    readonly minuteOfDay: number
    readonly date: string
  }
}

/** What a certificate says, where there is one that could be read. */
export function bodyOf(presented: Presented): PassBody | null {
  return presented.kind === 'code' && presented.certificate.found !== 'malformed' ? presented.certificate.body : null
}

/**
 * Whether every signature of a credential held. What is only claimed moves no counter and is in nobody's history: anybody
 * can print somebody's passId.
 */
export function isProven({ presented, row }: Pick<Attempt, 'presented' | 'row'>): boolean {
  if (presented.kind === 'card') return row !== null
  if (presented.kind === 'reference') return presented.proof.held === 'good'
  return presented.certificate.found === 'signed' && (presented.proof === null || presented.proof.held === 'good')
}
