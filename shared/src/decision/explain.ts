import type { Refusal } from './refusals.ts'

/** A refusal in two voices: what the visitor reads at the turnstile, and what the guard beside it needs to act. */
export type Explanation = { readonly visitor: string; readonly guard: string }

const EXPLANATIONS: Record<Refusal, Explanation> = {
  malformed: {
    visitor: 'This is not a campus pass',
    guard: 'The code read is no pass: another QR code, or a damaged one. Try again, or ask for the card.',
  },
  unknown_key: {
    visitor: 'Pass not known here',
    guard: 'Signed with a key this gate does not have: another school’s pass, or one from before a key change.',
  },
  bad_signature: {
    visitor: 'Pass not valid',
    guard: 'The signature does not hold: the code was altered. Keep the person here and tell the office.',
  },
  not_valid_yet: {
    visitor: 'Pass has not started yet',
    guard: 'The pass starts later. Open once if the person is expected.',
  },
  expired: { visitor: 'Pass has run out', guard: 'The pass has expired. Renew it at the office, or open once.' },
  wrong_gate: {
    visitor: 'Not for this entrance',
    guard: 'The pass does not open this access point. Send the person to their own entrance.',
  },
  unknown_pass: {
    visitor: 'Card not known here',
    guard: 'Not on this gate’s list: a card never enrolled, or a pass withdrawn. Check with the office.',
  },
  revoked: {
    visitor: 'Pass is blocked',
    guard: 'The pass was revoked, suspended or reported lost. Ask for identification.',
  },
  superseded: {
    visitor: 'A newer pass was made',
    guard: 'This copy was replaced by a newer one. Ask for the newest code.',
  },
  outside_hours: { visitor: 'Closed for you at this hour', guard: 'The pass does not open at this time of the week.' },
}

export function explain(refusal: Refusal): Explanation {
  return EXPLANATIONS[refusal]
}
