import { ok, type Result } from '../result.ts'
import { closestOf } from './closest.ts'
import { type Hypothesis, hypothesesOf } from './hypotheses.ts'
import { readingsOf } from './readings.ts'
import { type Sample, type SamplesProblem, samplesOf } from './sample.ts'
import { tellApart } from './tell-apart.ts'

/** More would not be read by anybody, and each further card halves them. */
const HYPOTHESES_MAX = 10

/** What a setting is to whoever writes it down. */
export type LearnedSetting = Omit<Hypothesis, 'rank' | 'place'>

/** `one`: write it down. `several`: the likeliest in front, and what would decide. `none`: what comes closest, and why not. */
export type Learned =
  | { readonly kind: 'one'; readonly found: LearnedSetting }
  | { readonly kind: 'several'; readonly found: readonly LearnedSetting[]; readonly next: readonly string[] }
  | { readonly kind: 'none'; readonly why: readonly string[] }

/**
 * The setting of a reader, from three to twenty cards that were held to it and what is printed on them.
 *
 * Every named format is tried, every way to read a text, and every run of bits that could be the number. Bounded: at most
 * sixty readings of at most 128 bits, whatever was typed.
 */
export function learnFormat(cards: readonly Sample[]): Result<Learned, SamplesProblem> {
  const samples = samplesOf(cards)
  if (!samples.ok) return samples
  const { printed } = samples.value
  const readings = readingsOf(samples.value)
  const found = hypothesesOf(readings, printed).slice(0, HYPOTHESES_MAX)
  const [first, second] = found
  if (first === undefined) return ok({ kind: 'none', why: closestOf(readings, printed) })
  if (second === undefined) return ok({ kind: 'one', found: told(first) })
  return ok({ kind: 'several', found: found.map(told), next: tellApart(first, second) })
}

function told({ setting, facility, parity, notes }: Hypothesis): LearnedSetting {
  return { setting, facility, parity, notes }
}
