import type { Attempt } from './attempt.ts'
import { bodyOf } from './attempt.ts'

/** What a guard must see to when a pass opens. */
export type Conditions = {
  /** Compare the face with the photo. */
  readonly photoCheck: boolean
  /** It opens one time only. */
  readonly once: boolean
  /** Its holder comes with somebody who belongs here. */
  readonly escort: boolean
}

/** Certificate and row each can ask for more; neither can take it back. */
export function conditionsOf({ presented, row }: Pick<Attempt, 'presented' | 'row'>): Conditions {
  const said = bodyOf(presented)?.flags
  const has = (flag: keyof Conditions) => said?.[flag] === true || row?.flags?.[flag] === true
  return { photoCheck: has('photoCheck'), once: has('once'), escort: has('escort') }
}
