import type { ImportPlan } from '@gatehouse/shared/wire/api/imports.ts'
import { STATUS_WORDS } from '../students/student-words.ts'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { FIELD_WORDS } from './import-words.ts'

const TERM_WORDS = { make: 'is entered', change: 'is changed', none: 'stays', refuse: 'is left out' } as const

/** The numbers behind the sentence. */
export function PlanNumbers({ plan }: { readonly plan: ImportPlan }) {
  const fields = Object.entries(plan.fields) as [keyof typeof FIELD_WORDS, number][]
  return (
    <Facts>
      <Fact name="Rows in the file">{plan.rows.toLocaleString()}</Fact>
      {fields.length > 0 && (
        <Fact name="Fields changed">
          {fields.map(([field, count]) => `${FIELD_WORDS[field]} ${count.toLocaleString()}`).join(', ')}
        </Fact>
      )}
      {plan.statuses.length > 0 && (
        <Fact name="Statuses">
          {plan.statuses
            .map(({ from, to, students }) => `${STATUS_WORDS[from]} → ${STATUS_WORDS[to]} ${students.toLocaleString()}`)
            .join(', ')}
        </Fact>
      )}
      {plan.newDepartments.count > 0 && (
        <Fact name="New departments">
          <bdi>{plan.newDepartments.names.join(', ')}</bdi>
          {plan.newDepartments.count > plan.newDepartments.names.length &&
            ` and ${plan.newDepartments.count - plan.newDepartments.names.length} more`}
        </Fact>
      )}
      {plan.terms.length > 0 && (
        <Fact name="Terms">
          {plan.terms.map(({ externalId, name, action, problem }) => (
            <span key={externalId} className="block">
              <bdi>{name}</bdi> {TERM_WORDS[action]}
              {problem !== null && `: ${problem}`}
            </span>
          ))}
        </Fact>
      )}
      {plan.unknownStatuses.length > 0 && (
        <Fact name="Unknown status words">
          <bdi>{plan.unknownStatuses.join(', ')}</bdi>. Change the columns and say what they stand for.
        </Fact>
      )}
    </Facts>
  )
}
