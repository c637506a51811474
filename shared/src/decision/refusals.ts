/**
 * Every way an attempt can be refused, in the order in which a gate meets them: cheap checks first, what changes
 * state last. A pass with several faults is refused for the first that the sequence meets, and that is the one the
 * visitor hears about and we record.
 *
 * The certificate of a signed pass is asked before the list's row. So a revoked pass at the wrong gate is
 * `wrong_gate` when its certificate says so, and `revoked` when only its row does. The age of a code is asked before
 * its signature, because that costs nothing; it is told as fact only after the signature held.
 *
 * On a clock in doubt nothing is refused for being early, late or outside its hours: `clock_in_doubt` says what is the matter.
 */
export const REFUSALS = [
  'malformed',
  'unknown_key',
  'stale_proof',
  'future_proof',
  'bad_signature',
  'not_valid_yet',
  'expired',
  'wrong_gate',
  'unknown_pass',
  'revoked',
  'superseded',
  'dynamic_required',
  'outside_hours',
  'list_too_old',
  'clock_in_doubt',
  'needs_secret',
  'bad_proof',
  'replayed',
] as const

export type Refusal = (typeof REFUSALS)[number]

/** Why the door may open: the list's row, the signature of a pass newer than the list, or because nobody is kept in. */
export type Ground = 'list' | 'signature' | 'leaving'

export type Decision =
  | {
      readonly open: true
      readonly passId: string | null
      readonly ground: Ground
      /** On the way out: what would have refused an entry. */
      readonly objection: Refusal | null
    }
  | { readonly open: false; readonly passId: string | null; readonly refusal: Refusal }
