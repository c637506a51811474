import { z } from 'zod'
import { APPLICATION_STATUSES } from '../applications/machine.ts'
import { REFUSALS } from '../decision/refusals.ts'
import { EVENT_KINDS } from '../events/record.ts'

/** What a gate says of the configuration that it runs by. */
export const ReportedConfiguration = z.object({
  /** `file`: the gate's own file has lanes, and what the cloud sends is not looked at. `none`: nothing describes its lanes. */
  source: z.enum(['file', 'cloud', 'none']),
  /** Of the cloud's configuration in force. */
  version: z.int().min(1).optional(),
  /** Of boards and lanes as they are in force. */
  sha256: z.string().max(64),
  /** A newer version that this gate does not run by; `problem` says why. */
  refusedVersion: z.int().min(1).optional(),
  problem: z.string().max(2_000).optional(),
})
export type ReportedConfiguration = z.infer<typeof ReportedConfiguration>

/** What a gate says of itself on its state topic, retained; the last will says `online: false` and nothing else. */
export const GateState = z.object({
  online: z.boolean(),
  version: z.string().max(40).optional(),
  bootId: z.string().max(40).optional(),
  listVersion: z.int().min(0).optional(),
  listIssuedAtS: z.int().min(0).optional(),
  /** Events not yet acknowledged. */
  waiting: z.int().min(0).optional(),
  clockQuality: z.string().max(20).optional(),
  /** Passes that went in and have not come out, as far as this gate's passages tell. */
  inside: z.int().min(0).optional(),
  config: ReportedConfiguration.optional(),
  lanes: z
    .array(
      z.object({
        lane: z.string().max(64),
        readers: z
          .array(
            z.object({
              id: z.string().max(64),
              /** What can be held to it. */
              reads: z.enum(['card', 'code', 'pin', 'plate']).optional(),
              up: z.boolean(),
              problem: z.string().max(300).optional(),
            }),
          )
          .max(16),
        door: z.object({
          up: z.boolean(),
          pulse: z.enum(['hardware-timed', 'software-timed']),
          problem: z.string().max(300).optional(),
          /** A fire alarm has released it. */
          evacuating: z.boolean().optional(),
        }),
      }),
    )
    .max(64)
    .optional(),
})
export type GateState = z.infer<typeof GateState>

/** One line of the live page: an event with the names that only the cloud knows. Times are ISO 8601 in UTC. */
export const AccessLine = z.object({
  gateId: z.string(),
  gateName: z.string(),
  sequence: z.int(),
  kind: z.enum(EVENT_KINDS),
  lane: z.string().nullable(),
  laneName: z.string().nullable(),
  direction: z.enum(['in', 'out']).nullable(),
  at: z.string(),
  receivedAt: z.string(),
  passId: z.string().nullable(),
  /** Null for an unknown card, a code that was only claimed, and what no person did. */
  holder: z
    .object({
      studentId: z.string().nullable(),
      /** Only of a visitor. */
      visitorId: z.string().optional(),
      name: z.string(),
      /** Of a visitor the organisation. */
      department: z.string().nullable(),
    })
    .nullable(),
  technology: z.string().nullable(),
  refusal: z.enum(REFUSALS).nullable(),
  objection: z.enum(REFUSALS).nullable(),
  listVersion: z.int(),
})
export type AccessLine = z.infer<typeof AccessLine>

/** On `feed/<tenant>/access`: one frame per 100 ms at most, at once when idle; oldest first. */
export const AccessFeed = z.object({ lines: z.array(AccessLine) })
export type AccessFeed = z.infer<typeof AccessFeed>

export const GateLine = z.object({
  gateId: z.string(),
  shortName: z.string(),
  name: z.string(),
  online: z.boolean(),
  /** Since when it is as it is; null when it was never seen. */
  since: z.string().nullable(),
  enrolled: z.boolean(),
  listVersion: z.int().nullable(),
  listIssuedAt: z.string().nullable(),
  lastEventAt: z.string().nullable(),
  waiting: z.int().nullable(),
  /** Passes that went in and have not come out, as far as the gate's passages tell. */
  inside: z.int().nullable(),
  lanes: GateState.shape.lanes.unwrap(),
})
export type GateLine = z.infer<typeof GateLine>

/** On `feed/<tenant>/gates`, retained: all gates of the school, so that a newcomer sees something at once. */
export const GatesFeed = z.object({ gates: z.array(GateLine) })
export type GatesFeed = z.infer<typeof GatesFeed>

/** An application that was submitted, decided, withdrawn or given to somebody: what it says now, and whose it is, by id only. */
export const ApplicationLine = z.object({
  applicationId: z.string(),
  studentId: z.string(),
  status: z.enum(APPLICATION_STATUSES),
  version: z.int(),
  at: z.string(),
})
export type ApplicationLine = z.infer<typeof ApplicationLine>

/** On `feed/<tenant>/applications`: oldest first. */
export const ApplicationsFeed = z.object({ applications: z.array(ApplicationLine) })
export type ApplicationsFeed = z.infer<typeof ApplicationsFeed>
