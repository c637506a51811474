import { z } from 'zod'

/** Bits of a frame, counted from 0 at the first on the wire: `0-12`, `1,3-4,6`. */
const bitRanges = z
  .string()
  .max(400)
  .regex(/^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$/, 'bits such as 0-12 or 1,3-4,6')

/** Layouts that have a name: what proxmark3 calls H10301, D10202, H10306 (N10002), C1k35s, H10302, H10304, C1k48s. */
export const WIEGAND_NAMES = ['h10301', 'd10202', 'h10306', 'c1k35s', 'h10302', 'h10304', 'c1k48s'] as const
export type WiegandName = (typeof WIEGAND_NAMES)[number]

const field = z.strictObject({ from: z.int().min(0).max(127), to: z.int().min(0).max(127) })

/** An installer's own layout, which is how every format without a name is written. */
export const CustomFormat = z.strictObject({
  /** Bits of the whole frame, parity included. */
  bits: z.int().min(8).max(128).meta({ title: 'Bits' }),
  /** Absent where the format has none. Both ends counted. */
  facility: field.optional().meta({ title: 'Facility code' }),
  number: field.meta({ title: 'Card number' }),
  parity: z
    .array(
      z.strictObject({
        at: z.int().min(0).max(127).meta({ title: 'Bit' }),
        kind: z.enum(['even', 'odd']).meta({ title: 'Kind' }),
        /** Which bits make the sum; the parity bit itself may be named or left out. */
        over: bitRanges.meta({ title: 'Over' }),
      }),
    )
    .max(8)
    .default([]),
})
export type CustomFormat = z.infer<typeof CustomFormat>

/**
 * What the bits of a card mean. A length is ambiguous (37 bits are six formats), so it is said for each reader and never
 * guessed. `raw`: all bits as they came are the identity.
 */
export const WiegandFormat = z.union([z.enum(WIEGAND_NAMES), z.literal('raw'), CustomFormat])
export type WiegandFormat = z.infer<typeof WiegandFormat>

/** Which card a text is that a reader types. */
export const CardText = z.strictObject({
  base: z.enum(['hex', 'decimal']).meta({ title: 'Digits' }),
  /** Bits that the text stands for: leading zeros count, and a text that stands for more is refused. */
  bitCount: z.int().min(8).max(128).meta({ title: 'Bits' }),
  /** The reader types the last byte first. */
  reversed: z.boolean().default(false).meta({ title: 'Last byte first' }),
  /** With a Wiegand name and its whole bit count parity is checked; with the bits of its fields alone there is none. */
  format: z.union([z.enum(['em4100', 'iso14443a', 'iso15693']), WiegandFormat]).meta({ title: 'Format' }),
})
export type CardText = z.infer<typeof CardText>
