import { z } from 'zod'
import { route } from '../contract.ts'
import { ShortName } from '../hardware/port.ts'
import { GateLine } from '../messages.ts'
import { At, Id } from './envelope.ts'

export const AccessPoint = z.object({
  id: Id,
  lane: z.string(),
  name: z.string(),
  direction: z.enum(['in', 'out']),
  groups: z.array(z.int()),
})
export type AccessPoint = z.infer<typeof AccessPoint>

export const Gate = GateLine.extend({ accessPoints: z.array(AccessPoint), createdAt: At })
export type Gate = z.infer<typeof Gate>

const params = z.object({ gateId: Id })

export const listGates = route({
  method: 'get',
  path: '/gates',
  can: 'gate:read',
  summary: 'Gates of the school.',
  data: z.array(Gate),
})
export const getGate = route({
  method: 'get',
  path: '/gates/:gateId',
  can: 'gate:read',
  summary: 'One gate.',
  params,
  data: Gate,
})

export const createGate = route({
  method: 'post',
  path: '/gates',
  can: 'gate:create',
  summary: 'Enter a gate and its access points.',
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(100),
    /** Unique in the school; stands for the gate's id on the command line. */
    shortName: ShortName,
    accessPoints: z
      .array(
        z.strictObject({
          lane: ShortName,
          name: z.string().trim().min(1).max(64),
          direction: z.enum(['in', 'out']),
          groups: z.array(z.int().min(0).max(30)).min(1).max(31),
        }),
      )
      .min(1)
      .max(16)
      .refine(
        points => new Set(points.map(point => point.lane)).size === points.length,
        'two access points have the same lane',
      ),
  }),
  data: Gate,
})

export const createEnrolmentCode = route({
  answersSecret: true,
  method: 'post',
  path: '/gates/:gateId/enrolment-codes',
  can: 'gate:update',
  summary: 'A one-time code that lets a mini-PC become this gate: 15 minutes, 5 tries. An earlier code ends.',
  status: 201,
  params,
  data: z.object({ code: z.string(), expiresAt: At }),
})

/** The demo's simulated hardware: what can be presented, and where. */
export const PresentBody = z
  .strictObject({
    /** Short name or id. */
    gate: z.string().max(64),
    lane: z.string().max(64).optional(),
    /** Hexadecimal, as the reader sends it: `01000734E0`. */
    card: z.string().max(64).optional(),
    qr: z.string().max(512).optional(),
    /** Digits, as they are pressed on a keypad. */
    pin: z.string().max(16).optional(),
  })
  .refine(
    ({ card, qr, pin }) => [card, qr, pin].filter(given => given !== undefined).length === 1,
    'give a card, a QR code or a PIN, one of the three',
  )

/** What can be held to a simulated reader, or typed on it. */
export const PRESENTABLE_KINDS = ['card', 'qr', 'pin'] as const
export type PresentableKind = (typeof PRESENTABLE_KINDS)[number]

export const demoPresentables = route({
  method: 'get',
  path: '/demo/presentables',
  can: 'demo:present',
  summary: 'Simulated lanes, and credentials to try. 404 where the hardware is real.',
  data: z.object({
    lanes: z.array(
      z.object({
        gate: z.string(),
        gateName: z.string(),
        lane: z.string(),
        name: z.string(),
        readers: z.array(z.enum(PRESENTABLE_KINDS)),
      }),
    ),
    credentials: z.array(z.object({ label: z.string(), kind: z.enum(PRESENTABLE_KINDS), value: z.string() })),
  }),
})

export const demoPresent = route({
  method: 'post',
  path: '/demo/present',
  can: 'demo:present',
  summary: 'Send a credential’s bytes down a simulated reader’s line.',
  status: 202,
  body: PresentBody,
  data: z.object({ gate: z.string(), lane: z.string(), reader: z.string(), bytes: z.int() }),
})
