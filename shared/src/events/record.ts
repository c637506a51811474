import { z } from 'zod'
import { REFUSALS } from '../decision/refusals.ts'
import { PassId, Sha256 } from '../list/snapshot.ts'

/** What can happen at a gate. */
export const EVENT_KINDS = [
  'granted',
  'refused',
  'opened',
  'passage',
  'no_passage',
  'forced',
  'held',
  'closed',
  'exit_button',
  'tamper',
  'command',
  'boot',
  'clock',
  'list',
  'config',
  'alarm',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** How far the gate trusts its time: a server signed it, nobody did, or it cannot be right. */
export const CLOCK_QUALITIES = ['confirmed', 'unconfirmed', 'doubt'] as const
export type ClockQuality = (typeof CLOCK_QUALITIES)[number]

/** Bytes of one record in its canonical form. A thousand-character name does not belong in an event. */
export const RECORD_BYTES_MAX = 4096

const timeMs = z.int().min(0)

/** What was found of a pass code, so that the decision can be made again without a key. Nothing of it opens anything. */
export const CodeFacts = z.strictObject({
  type: z.enum(['static', 'dynamic', 'reference', 'totp']),
  /** What the issuer signed about the pass, or is claimed to have: 30 bytes in hexadecimal. A reference has none. */
  body: z
    .string()
    .regex(/^[0-9a-f]{60}$/)
    .optional(),
  found: z.enum(['unknown_key', 'unchecked', 'bad_signature', 'signed']).optional(),
  /** The code's own time, Unix seconds; a static code has none. */
  timeS: z.int().min(0).optional(),
  held: z.enum(['good', 'bad', 'no_secret', 'none']).optional(),
  /** 1: not after the last time that opened for this pass. */
  replayed: z.int().min(0).max(1).optional(),
})
export type CodeFacts = z.infer<typeof CodeFacts>

/**
 * One thing that happened at a gate, as it is hashed, signed and kept: text and whole numbers only, no names of people, no
 * card numbers. What does not apply is left out.
 */
export const EventRecord = z.strictObject({
  gate: z.string().regex(/^[a-z0-9-]{8,36}$/),
  /** 1, 2, 3 ... for the life of the gate. */
  sequence: z.int().min(1),
  kind: z.enum(EVENT_KINDS),
  lane: z.string().max(64).optional(),
  passId: PassId.optional(),
  credential: z
    .strictObject({
      /** `em4100` ... for a card, `ghp1` for a pass code, `qr` for a code that is none. */
      technology: z.string().max(16),
      /** The card's key in this scope; a card number never leaves the gate. */
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{24}$/)
        .optional(),
      /** `claimed`: refused before a signature held; it moves no counter and is in nobody's history. */
      proof: z.enum(['proven', 'claimed']),
      code: CodeFacts.optional(),
    })
    .optional(),
  decision: z
    .strictObject({
      /** Why it opened: `list`, `signature`, `leaving`; absent on a refusal. */
      ground: z.enum(['list', 'signature', 'leaving']).optional(),
      refusal: z.enum(REFUSALS).optional(),
      /** What would have refused an entry, on the way out. */
      objection: z.enum(REFUSALS).optional(),
    })
    .optional(),
  /** 0 before the first list. */
  listVersion: z.int().min(0),
  /** When that list was last signed, Unix seconds: with the clocks below, how old it was. Absent before the first. */
  listIssuedAtS: z.int().min(0).optional(),
  policyHash: Sha256,
  trustedTimeMs: timeMs,
  wallTimeMs: timeMs,
  /** Since the process began. */
  monotonicMs: timeMs,
  bootId: z.uuid(),
  clockQuality: z.enum(CLOCK_QUALITIES),
  details: z.record(z.string().max(40), z.union([z.string().max(500), z.int()])).optional(),
})
export type EventRecord = z.infer<typeof EventRecord>

/** A record and its place in the gate's chain; hashes in lower-case hexadecimal. */
export const ChainedEvent = z.strictObject({ previous: Sha256, hash: Sha256, record: EventRecord })
export type ChainedEvent = z.infer<typeof ChainedEvent>
