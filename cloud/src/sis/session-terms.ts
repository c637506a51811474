import type { ImportPlan } from '@gatehouse/shared/wire/api/imports.ts'
import type { Tx } from '../db/tables.ts'
import { type ForeseenTerm, foreseeTerms, type ImportedTerm, whyWords } from '../terms/terms.repo.ts'
import { dateOf } from './dates.ts'
import type { AcademicSession } from './read/rows.ts'

type TermPlan = ImportPlan['terms'][number]

const NAME_CHARACTERS_MAX = 100
const ID_CHARACTERS_MAX = 255

/**
 * Sessions of OneRoster as terms of ours: `schoolYear` as years; `term`, or `semester` where there is no `term`, as terms, for terms do
 * not overlap. Grading periods are parts of terms and left out. The standard calls `endDate` the day after, and most systems write the last
 * day: it is the last day unless the next one begins on it. What has no days or no name is left out.
 */
export function termsOf(sessions: readonly AcademicSession[]): ImportedTerm[] {
  const typed = sessions.map(one => ({ ...one, type: one.type.trim().toLowerCase() }))
  const asTerm = typed.some(({ type }) => type === 'term') ? 'term' : 'semester'
  const read = typed.flatMap((one): ImportedTerm[] => {
    const kind = one.type === 'schoolyear' ? 'school_year' : one.type === asTerm ? 'term' : null
    const [firstDay, lastDay] = [dateOf(one.from, 'ymd'), dateOf(one.to, 'ymd')]
    const name = [...one.title.trim()].slice(0, NAME_CHARACTERS_MAX).join('')
    const externalId = one.sourcedId.slice(0, ID_CHARACTERS_MAX)
    if (kind === null || firstDay === null || lastDay === null || name === '' || externalId === '') return []
    return [{ externalId, name, kind, firstDay, lastDay }]
  })
  const begins = new Set(read.map(({ kind, firstDay }) => `${kind} ${firstDay}`))
  return read.map(term =>
    term.firstDay < term.lastDay && begins.has(`${term.kind} ${term.lastDay}`)
      ? { ...term, lastDay: dayBefore(term.lastDay) }
      : term,
  )
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
}

/** What entering them would do to the school's terms as they are. */
export async function planTerms(tx: Tx, terms: readonly ImportedTerm[]): Promise<TermPlan[]> {
  return (await foreseeTerms(tx, terms)).map(planOf)
}

function planOf(foreseen: ForeseenTerm): TermPlan {
  const { term, action } = foreseen
  return { ...term, action, problem: foreseen.action === 'refuse' ? whyWords(foreseen.refused) : null }
}

/** Those of a plan that are to be entered. */
export function plannedTerms(plan: ImportPlan | null): ImportedTerm[] {
  return (plan?.terms ?? []).flatMap(({ action, problem: _, ...term }) => (action === 'refuse' ? [] : [term]))
}
