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
  stale_proof: {
    visitor: 'This code is too old',
    guard:
      'The code was made more than 45 seconds ago: a screenshot, or a phone whose clock is behind. Ask for the code on the phone itself.',
  },
  future_proof: {
    visitor: 'Your phone’s clock is wrong',
    guard: 'The code is from a moment that is still to come: the phone’s clock is ahead, or this gate’s is behind.',
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
  dynamic_required: {
    visitor: 'Show the code on your phone',
    guard: 'This pass opens by the moving code of its phone only; what was read is a print of it.',
  },
  outside_hours: {
    visitor: 'Closed for you at this hour',
    guard: 'The pass does not open at this hour, or not on this holiday.',
  },
  list_too_old: {
    visitor: 'No news of your pass here: ask the guard',
    guard:
      'This gate has been cut off too long, or has no list yet, and cannot know who was blocked since. Look the pass up, open by hand, and tell facilities to bring the gate’s network back.',
  },
  clock_in_doubt: {
    visitor: 'This gate has lost the time: use your card',
    guard:
      'This gate cannot trust its clock, so it opens for no moving code and no pass with hours. Ask for the card, or open by hand, and tell facilities: the network sets the clock.',
  },
  needs_secret: {
    visitor: 'This wallet does not work here',
    guard: 'This gate cannot check the codes of this wallet. Ask for the code on the phone’s own page, or the card.',
  },
  bad_proof: {
    visitor: 'This is not your phone’s code',
    guard:
      'The code was not made by the phone that the pass is bound to: another phone since, or a copy. Ask for identification.',
  },
  replayed: {
    visitor: 'Used already: wait for the next code',
    guard: 'This very code has opened before. The phone shows a new one within 15 seconds: wait for the next code.',
  },
}

export function explain(refusal: Refusal): Explanation {
  return EXPLANATIONS[refusal]
}
