import { z } from 'zod'
import { DEFAULT_LEASE, GateRules, Lease, WHEN_CLOCK_IN_DOUBT } from '../../list/documents.ts'
import { DEFAULT_GUARD_LIMIT } from '../../list/guard.ts'
import { Holidays, Profiles } from '../../list/policy.ts'
import { route } from '../contract.ts'
import { At, Id } from './envelope.ts'

/** What a school decides about its gates. All of it but the guard is in the signed policy of every list. */
export const GateRulesContent = z.strictObject({
  /** Hours of the week by the number that passes name, 1..255. */
  profiles: Profiles.refine(
    profiles => Object.keys(profiles).every(number => Number(number) <= 255),
    'a profile has a number from 1 to 255',
  ),
  holidays: Holidays.refine(holidays => Object.keys(holidays).length <= 400, 'at most 400 days'),
  /** Masks of 31 groups by number; a pass may name a set instead of groups. */
  groupSets: z.record(z.string().regex(/^[0-9]{1,4}$/), z.int().min(1).max(0x7fffffff)),
  /** Whether a signed pass newer than the list opens on its signature alone. */
  newerThanList: z.enum(['open', 'refuse']),
  /** Whether printed codes open. */
  staticPasses: z.enum(['open', 'refuse']),
  lease: Lease,
  whenClockInDoubt: z.enum(WHEN_CLOCK_IN_DOUBT),
  /** What a gate does otherwise, by its id. */
  gates: z.record(Id, GateRules.partial()),
  /** A list that takes more than the lesser of these from its passes waits for a second administrator. */
  guard: z.strictObject({ percent: z.int().min(1).max(100), rows: z.int().min(1).max(1_000_000) }),
})
export type GateRulesContent = z.infer<typeof GateRulesContent>

export const DEFAULT_GATE_RULES: GateRulesContent = {
  profiles: {},
  holidays: {},
  groupSets: {},
  newerThanList: 'open',
  staticPasses: 'open',
  lease: DEFAULT_LEASE,
  whenClockInDoubt: 'listed_cards',
  gates: {},
  guard: DEFAULT_GUARD_LIMIT,
}

const Kept = z.object({
  /** 0 before the first change. */
  version: z.int(),
  rules: GateRulesContent,
  changedAt: At.nullable(),
  changedBy: z.string().nullable(),
})

export const getGateRules = route({
  method: 'get',
  path: '/settings/gate-rules',
  can: 'settings:read',
  summary: 'Hours, holidays, lease and limits of the school.',
  data: Kept,
})

export const putGateRules = route({
  method: 'put',
  path: '/settings/gate-rules',
  can: 'settings:update',
  summary: 'Replace the rules. The version read before is sent along: who was overtaken is told, and nothing is lost.',
  body: z.strictObject({ version: z.int().min(0), rules: GateRulesContent }),
  data: Kept,
})
