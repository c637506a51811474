import type { Policy } from '../list/policy.ts'
import type { PassRow } from '../list/snapshot.ts'
import type { PassBody } from '../pass/body.ts'

/** A code as it was found before any rule is asked. The key, and whether the signature holds, are facts that the caller brings. */
export type Certificate =
  | { readonly found: 'malformed' }
  | { readonly found: 'unknown_key' | 'bad_signature' | 'signed'; readonly body: PassBody }

/** What was presented: a card, which only the list knows, or a code that speaks for itself. */
export type Presented = { readonly kind: 'card' } | { readonly kind: 'code'; readonly certificate: Certificate }

/** What is known about an attempt at the moment of the tap. Gathered by the caller, never here. */
export type Attempt = {
  readonly presented: Presented
  /** The list's row for the card or the pass; null where it has none. */
  readonly row: PassRow | null
  readonly list: { readonly serialMax: number; readonly policy: Policy }
  readonly lane: {
    /** Bit i = the access point is in group i. */
    readonly groups: number
    readonly direction: 'in' | 'out'
  }
  readonly at: {
    /** Unix seconds of the gate's trusted time. */
    readonly epochS: number
    /** The same moment on the gate's wall: 1 Monday .. 7 Sunday, and minutes since midnight. */
    readonly dayOfWeek: number
    readonly minuteOfDay: number
  }
}
