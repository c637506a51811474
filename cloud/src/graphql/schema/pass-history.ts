import type { HistoryEntry } from '@gatehouse/shared/wire/api/students-many.ts'
import { asks, atMost } from './builder.ts'
import { limitOf } from './paging.ts'
import type { Writing } from './refs.ts'

type Change = { readonly field: string; readonly before: string | null; readonly after: string | null }

/** What a row of the audit log names of a pass is less. */
const CHANGES_MAX = 25

/** What was done to a pass, by whom and why. */
export function writePassHistory({ builder, refs }: Writing): void {
  const HistoryChange = builder.objectRef<Change>('HistoryChange').implement({
    description: 'What is no text is written as JSON.',
    fields: t => ({
      field: t.exposeString('field'),
      before: t.exposeString('before', { nullable: true }),
      after: t.exposeString('after', { nullable: true }),
    }),
  })
  const HistoryBy = builder.objectRef<HistoryEntry['by']>('HistoryBy').implement({
    fields: t => ({
      name: t.exposeString('name', { nullable: true }),
      role: t.exposeString('role', { nullable: true }),
      kind: t.exposeString('kind', { description: 'user, key or service, for example.' }),
    }),
  })
  const Entry = builder.objectRef<HistoryEntry>('HistoryEntry').implement({
    fields: t => ({
      id: t.exposeID('id'),
      at: t.expose('at', { type: 'DateTime' }),
      action: t.exposeString('action', { description: 'Such as pass.suspend.' }),
      by: t.expose('by', { type: HistoryBy }),
      changes: t.field({
        type: [HistoryChange],
        ...atMost(CHANGES_MAX),
        resolve: entry => changesOf(entry).slice(0, CHANGES_MAX),
      }),
      note: t.exposeString('note', { nullable: true, description: 'The reason that was given.' }),
    }),
  })
  builder.objectField(refs.Pass, 'history', t =>
    t.field({
      type: [Entry],
      description: 'What was done to it, the newest first. Who only looked is not told.',
      args: { limit: t.arg.int({ defaultValue: 10 }) },
      ...asks(['pass:update'], { atMost: 'limit' }),
      resolve: (pass, { limit }, { load }) => load.historyOf.load({ pass, limit: limitOf(limit) }),
    }),
  )
}

function changesOf({ before, after }: HistoryEntry): Change[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...fields].map(field => ({ field, before: textOf(before?.[field]), after: textOf(after?.[field]) }))
}

const textOf = (value: unknown) => (value == null ? null : typeof value === 'string' ? value : JSON.stringify(value))
