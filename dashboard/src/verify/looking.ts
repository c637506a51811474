import type { verifyPass } from '@gatehouse/shared/wire/api/passes.ts'
import type { DataOf } from '../api/client.ts'

/** What the service says to a code. */
export type Verdict = DataOf<typeof verifyPass>

type Seen = { readonly digits: string; readonly atMs: number }

/** Where the page is with the code in front of it. */
export type Look =
  | { readonly is: 'scanning'; readonly seen: Seen | null }
  | { readonly is: 'asking'; readonly digits: string }
  | { readonly is: 'answered'; readonly seen: Seen; readonly verdict: Verdict; readonly sinceMs: number }
  /** No verdict came; the sentence says why. */
  | { readonly is: 'unanswered'; readonly seen: Seen; readonly sentence: string }

export type Happening =
  /** The camera has a code in sight. */
  | { readonly what: 'in_sight'; readonly digits: string; readonly atMs: number }
  /** Somebody typed, scanned by hand or chose a picture: always asked. */
  | { readonly what: 'entered'; readonly digits: string }
  | { readonly what: 'verdict'; readonly digits: string; readonly verdict: Verdict; readonly atMs: number }
  | { readonly what: 'no_verdict'; readonly digits: string; readonly sentence: string; readonly atMs: number }
  | { readonly what: 'time_passed'; readonly atMs: number }
  /** The guard wants the next one. */
  | { readonly what: 'next' }

/** The same code within this time of when it was last in sight is one scan. */
export const SAME_SCAN_MS = 3_000
/** An open answer goes by itself; a refusal stays until it was read: a tap, or another code. */
export const OPEN_SHOWN_MS = 3_000

export const START: Look = { is: 'scanning', seen: null }

/** The longest text worth asking about, as the contract has it. What is longer is no pass, and neither is its beginning. */
const ASKED_CHARACTERS_MAX = 512

/** What the page does next. Pure: a code is asked once however long it is held up, and only the answer to the question asked counts. */
export function step(look: Look, happening: Happening): Look {
  switch (happening.what) {
    case 'in_sight':
      return inSight(look, { digits: asked(happening.digits), atMs: happening.atMs })
    case 'entered':
      return asked(happening.digits) === '' ? look : { is: 'asking', digits: asked(happening.digits) }
    case 'verdict':
    case 'no_verdict':
      return answered(look, happening)
    case 'time_passed':
      return timePassed(look, happening.atMs)
    case 'next':
      return look.is === 'asking' ? look : START
  }
}

function asked(text: string): string {
  return text.trim().slice(0, ASKED_CHARACTERS_MAX)
}

function inSight(look: Look, seen: Seen): Look {
  if (look.is === 'asking' || seen.digits === '') return look
  if (look.seen?.digits === seen.digits && seen.atMs - look.seen.atMs < SAME_SCAN_MS) return { ...look, seen }
  return { is: 'asking', digits: seen.digits }
}

function answered(look: Look, happening: Extract<Happening, { readonly what: 'verdict' | 'no_verdict' }>): Look {
  if (look.is !== 'asking' || look.digits !== happening.digits) return look
  const { atMs } = happening
  const seen = { digits: look.digits, atMs }
  return happening.what === 'verdict'
    ? { is: 'answered', seen, verdict: happening.verdict, sinceMs: atMs }
    : { is: 'unanswered', seen, sentence: happening.sentence }
}

function timePassed(look: Look, atMs: number): Look {
  if (look.is !== 'answered' || !look.verdict.open || atMs - look.sinceMs < OPEN_SHOWN_MS) return look
  return { is: 'scanning', seen: look.seen }
}
