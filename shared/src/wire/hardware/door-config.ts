import { z } from 'zod'
import { ShortName } from './port.ts'

/** Longest pulse a door may be given: half a minute of open door is a decision, not a setting. */
export const PULSE_MS_MAX = 30_000

const channel = z.int().min(0).max(511).meta({ title: 'Channel' })
export const Output = z.strictObject({ board: ShortName.meta({ title: 'Board' }), channel })
export type Output = z.infer<typeof Output>

export const Contact = z.strictObject({
  board: ShortName.meta({ title: 'Board' }),
  channel,
  /** Which state of the contact means what it is named for. A fire alarm is wired so that a cut wire is an alarm: `open`. */
  active: z.enum(['closed', 'open']).default('closed').meta({ title: 'Means yes when' }),
})
export type Contact = z.infer<typeof Contact>

/** What a door can hear of itself, by what it means. */
export const CONTACTS = ['passage', 'sensor', 'exitButton', 'fireAlarm', 'tamper'] as const
export type ContactName = (typeof CONTACTS)[number]

const pulseMs = z.int().min(100).max(PULSE_MS_MAX)

/** One way through, as its lock and its contacts are wired. */
export const DoorConfig = z.strictObject({
  output: Output,
  /** `unlock`: a strike or a turnstile's contact, which opens by current. `lock`: a magnet, which opens without. */
  energised: z.enum(['unlock', 'lock']).default('unlock').meta({ title: 'Current means' }),
  pulseMs: pulseMs.default(700).meta({ title: 'Pulse, ms' }),
  /** However many go through one after the other, the lock is never released for longer than this at a stretch. */
  pulseMsMax: pulseMs.default(PULSE_MS_MAX).meta({ title: 'Longest release, ms' }),
  /** Doors of one word are never released at the same time: the two directions of a turnstile, the two doors of a mantrap. */
  interlock: ShortName.optional().meta({ title: 'Interlock' }),
  contacts: z
    .strictObject({
      /** The turnstile has turned, or the beam was crossed: somebody went through. */
      passage: Contact.optional().meta({ title: 'Passage' }),
      /** Active while the door is open. */
      sensor: Contact.optional().meta({ title: 'Door sensor' }),
      exitButton: Contact.optional().meta({ title: 'Exit button' }),
      /** Active in an alarm. The hardware releases the door; the gate says so and does not lock it again. */
      fireAlarm: Contact.optional().meta({ title: 'Fire alarm' }),
      tamper: Contact.optional().meta({ title: 'Tamper' }),
    })
    .default({}),
  /** After a release, how long somebody may take to go through. */
  passWithinMs: z.int().min(500).max(60_000).default(6_000).meta({ title: 'Time to go through, ms' }),
  /** Open for longer than this is held. */
  heldAfterMs: z.int().min(1_000).max(600_000).default(20_000).meta({ title: 'Held open after, ms' }),
})
export type DoorConfig = z.infer<typeof DoorConfig>
