import { z } from 'zod'
import { route } from '../contract.ts'
import { HARDWARE_SHAPE } from '../hardware/hardware-config.ts'
import { ReportedConfiguration } from '../messages.ts'
import { At, Id } from './envelope.ts'

/** Checked as a whole, so that every mistake is told with its place: what a board, a reader or a door may be is in `HardwareConfig`. */
const Description = {
  boards: z.array(z.unknown()).max(16),
  /** `{lane, readers, door}` for each access point of the gate; names, ways and groups are the access points'. */
  lanes: z.array(z.unknown()).max(16),
}

export const ConfigurationChange = z.object({ place: z.string(), what: z.string() })

const Sent = z.object({
  version: z.int(),
  sentAt: At,
  sentBy: z.string().nullable(),
  /** Against the version before. */
  changes: z.array(ConfigurationChange),
})
export type SentConfiguration = z.infer<typeof Sent>

export const GateConfigurationAnswer = z.object({
  /** The newest that was sent, which the gate is to run by; null before the first. */
  newest: z.object({ version: z.int(), ...HARDWARE_SHAPE }).nullable(),
  /** What the gate said last; null where it never did. */
  reported: ReportedConfiguration.nullable(),
  /** Newest first, at most 50. */
  history: z.array(Sent),
})
export type GateConfigurationAnswer = z.infer<typeof GateConfigurationAnswer>

const params = z.object({ gateId: Id })
/** 0 before the first. Who was overtaken is told, and nothing is lost. */
const basedOn = z.int().min(0)

export const getGateConfiguration = route({
  method: 'get',
  path: '/gates/:gateId/configuration',
  can: 'gate:read',
  summary: 'Readers, doors and boards of a gate: what was sent to it, what it runs by, and what was sent before.',
  params,
  data: GateConfigurationAnswer,
})

export const checkGateConfiguration = route({
  method: 'post',
  path: '/gates/:gateId/configuration/check',
  can: 'gate:update',
  summary: 'What is wrong with a description, and what it would change. Nothing is kept or sent.',
  params,
  body: z.strictObject(Description),
  data: z.object({
    mistakes: z.array(z.object({ path: z.string(), message: z.string() })),
    /** None while there are mistakes. */
    changes: z.array(ConfigurationChange),
  }),
})

export const putGateConfiguration = route({
  method: 'put',
  path: '/gates/:gateId/configuration',
  can: 'gate:update',
  summary: 'Describe readers, doors and boards of a gate. It is signed and sent, and the gate tries it.',
  params,
  body: z.strictObject({ basedOn, ...Description }),
  data: GateConfigurationAnswer,
})

export const restoreGateConfiguration = route({
  method: 'post',
  path: '/gates/:gateId/configuration/:version/restore',
  can: 'gate:update',
  summary: 'Send an earlier description again, as the newest.',
  params: params.extend({ version: z.coerce.number().int().min(1) }),
  body: z.strictObject({ basedOn }),
  data: GateConfigurationAnswer,
})
