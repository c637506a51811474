import type { MyPass } from '@gatehouse/shared/wire/api/my.ts'
import type { PocketPass } from './pocket.ts'

/** How this phone stands to a pass. */
export type Standing =
  /** Its codes open. */
  | 'ready'
  /** No phone is bound yet. */
  | 'unbound'
  /** Another phone is bound, or this one lost its key: the browser's storage was emptied, or it is another browser. */
  | 'lost'
  /** Another phone was bound after this one. */
  | 'elsewhere'
  /** Bound or not, the browser makes no keys at this address. */
  | 'insecure'
  /** The pass itself opens nothing. */
  | 'stopped'

export function standingOf(
  pass: Pick<MyPass, 'status' | 'device' | 'expires'>,
  kept: Pick<PocketPass, 'point'> | undefined,
  { secure, nowMs }: { readonly secure: boolean; readonly nowMs: number },
): Standing {
  if (pass.status !== 'active' || Date.parse(pass.expires) <= nowMs) return 'stopped'
  if (!secure) return 'insecure'
  if (pass.device === null) return 'unbound'
  if (kept === undefined) return 'lost'
  return kept.point === pass.device.point ? 'ready' : 'elsewhere'
}

/** One sentence for each, with the way on. `host` is where the page was opened. */
export function sayStanding(standing: Exclude<Standing, 'ready' | 'stopped'>, host: string): string {
  switch (standing) {
    case 'unbound':
      return 'Bind this phone, and it shows a code that opens the gates, also without a network.'
    case 'lost':
      return 'This pass is bound to a phone, but its key is not in this browser: bind this phone, and codes of the other one stop.'
    case 'elsewhere':
      return 'Another phone was bound since, so codes of this one no longer open: bind this phone to take the pass back.'
    case 'insecure':
      return `This address is not secure, so the browser makes no key: open https://${host}/my and bind the phone there.`
  }
}
