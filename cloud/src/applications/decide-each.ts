import type { ApplicationStatus } from '@gatehouse/shared/applications/machine.ts'
import type { DECISIONS } from '@gatehouse/shared/wire/api/applications.ts'
import type { Actor } from '../audit/actor.ts'
import { nothingChanged } from '../audit/noted.ts'
import type { Tx } from '../db/tables.ts'
import { PROBLEMS } from './problems.ts'
import { findQueued } from './queue.repo.ts'
import { decide } from './review.repo.ts'

export type Decided = {
  readonly applicationId: string
  readonly done: boolean
  readonly status: ApplicationStatus | null
  /** Why it was not. */
  readonly problem: { readonly code: string; readonly message: string } | null
}

const DECIDED = { approve: 'approved', reject: 'rejected', reopen: null } as const

/** Decides many alike, in one transaction each: what is refused for one keeps none of the others back. One that is so already is done. */
export async function decideEach(
  inOne: (work: (tx: Tx) => Promise<Decided>) => Promise<Decided>,
  actor: () => Actor,
  {
    applicationIds,
    decision,
    reason,
  }: {
    readonly applicationIds: readonly string[]
    readonly decision: (typeof DECISIONS)[number]
    readonly reason: string | null
  },
): Promise<Decided[]> {
  nothingChanged()
  const decided: Decided[] = []
  for (const id of new Set(applicationIds)) {
    decided.push(
      await inOne(async tx => {
        const done = await decide(tx, actor(), { id, decision, reason })
        if (done.ok) return { applicationId: id, done: true, status: done.value.status, problem: null }
        const status = (await findQueued(tx, id))?.status ?? null
        const is = status !== null && status === DECIDED[decision]
        const { code, message } = PROBLEMS[done.failure]
        return { applicationId: id, done: is, status, problem: is ? null : { code, message } }
      }),
    )
  }
  return decided
}
