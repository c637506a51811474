import { At } from '@gatehouse/shared/wire/api/envelope.ts'
import { z } from 'zod'
import { type Analytics, readAnalytics } from '../../analytics/analytics.repo.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks, atMost } from './builder.ts'
import type { Writing } from './refs.ts'

const DAY_MS = 86_400_000
const DAYS_DEFAULT = 30
const DAYS_MAX = 366
/** What a pass can be seen as. */
const STATUSES_MAX = 5

const Range = z.object({ from: At.optional(), to: At.optional() })

/** Figures over many rows, kept for 300 seconds; by a process that no other can tell of changes, for five. */
export function writeAnalytics({ builder, refs }: Writing): void {
  const PassShare = builder.objectRef<Analytics['passDistribution'][number]>('PassShare').implement({
    fields: t => ({ status: t.exposeString('status'), count: t.exposeInt('count') }),
  })
  const AccessEventCounts = builder.objectRef<Analytics['accessEvents']>('AccessEventCounts').implement({
    fields: t => ({
      total: t.exposeInt('total'),
      granted: t.exposeInt('granted'),
      refused: t.exposeInt('refused'),
    }),
  })
  const TrendDay = builder.objectRef<Analytics['trends'][number]>('TrendDay').implement({
    fields: t => ({
      day: t.expose('day', { type: 'Date', description: 'In the school’s time zone.' }),
      applications: t.exposeInt('applications'),
      granted: t.exposeInt('granted'),
      refused: t.exposeInt('refused'),
    }),
  })
  refs.AnalyticsData.implement({
    description: 'At most 300 seconds old: generatedAt says when it was counted.',
    fields: t => ({
      totalApplications: t.exposeInt('totalApplications', { description: 'Submitted in the time asked for.' }),
      activeStudents: t.exposeInt('activeStudents'),
      passDistribution: t.field({
        type: [PassShare],
        ...atMost(STATUSES_MAX),
        resolve: ({ passDistribution }) => passDistribution,
      }),
      accessEvents: t.expose('accessEvents', { type: AccessEventCounts }),
      trends: t.field({
        type: [TrendDay],
        description: 'Days on which something happened, oldest first.',
        ...atMost(DAYS_MAX),
        resolve: ({ trends }) => trends,
      }),
      generatedAt: t.expose('generatedAt', { type: 'DateTime' }),
    }),
  })
  const AnalyticsFilters = builder.inputType('AnalyticsFilters', {
    fields: t => ({
      departmentId: t.id({ description: 'Of people who are of it today.' }),
      gateId: t.id({ description: 'Of events.' }),
    }),
  })
  const DateRangeInput = builder.inputType('DateRangeInput', {
    description: `The last ${DAYS_DEFAULT} days where nothing is said; ${DAYS_MAX} at most.`,
    fields: t => ({ from: t.field({ type: 'DateTime' }), to: t.field({ type: 'DateTime' }) }),
  })
  builder.queryField('analytics', t =>
    t.field({
      type: refs.AnalyticsData,
      args: { filters: t.arg({ type: AnalyticsFilters }), dateRange: t.arg({ type: DateRangeInput }) },
      ...asks(['student:read', 'application:read', 'pass:read', 'event:read'], { unnoted: 'counts, and nobody’s' }),
      resolve: (_root, { filters, dateRange }, call) => {
        const { departmentId, gateId } = given(filters)
        const of = { departmentId: realId('departmentId', departmentId), gateId: realId('gateId', gateId) }
        const range = checked(Range, given(dateRange))
        return readKept(call, of, range)
      },
    }),
  )
}

type Of = { readonly departmentId: string | null; readonly gateId: string | null }

function readKept(call: Call, of: Of, { from, to }: z.infer<typeof Range>): Promise<Analytics> {
  const { school } = call.who
  const nowMs = call.needs.nowMs()
  const toMs = to === undefined ? nowMs : Date.parse(to)
  const fromMs = from === undefined ? toMs - DAYS_DEFAULT * DAY_MS : Date.parse(from)
  if (fromMs >= toMs || toMs - fromMs > DAYS_MAX * DAY_MS) refused(WRONG_RANGE)
  // What was left out stays left out in the key: a moving end would never be asked for twice.
  const said = [of.departmentId, of.gateId, from === undefined ? null : fromMs, to === undefined ? null : toMs]
  const asked = { subject: 'analytics', schoolId: school.id, what: JSON.stringify(said) } as const
  return call.needs.cache.of(asked, () =>
    call.read(tx => readAnalytics(tx, { ...of, fromMs, toMs, timeZone: school.timeZone, nowMs })),
  )
}

function realId(path: string, id: string | undefined): string | null {
  if (id === undefined) return null
  return (
    idOf(id)?.toLowerCase() ??
    refused({ ...WRONG_RANGE, message: `${path} must be an id.`, details: [{ path, message: 'must be an id' }] })
  )
}

const WRONG_RANGE = {
  status: 422,
  code: 'validation_failed',
  message: `The time from which and the time to which figures are asked for are in the wrong order, or more than ${DAYS_MAX} days apart.`,
  details: [{ path: 'dateRange', message: `must be ${DAYS_MAX} days at most, and begin before it ends` }],
}
