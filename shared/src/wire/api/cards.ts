import { z } from 'zod'
import { route } from '../contract.ts'
import { CardText, WiegandFormat } from '../hardware/card-format.ts'

/** In decimal. A card number of 64 bits is no number in JSON. */
const decimal = z.string().regex(/^\d{1,39}$/, 'a number in decimal')

const Seen = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('bits'),
    bitCount: z.int().min(8).max(128),
    /** Left-justified, whole bytes. */
    bits: z.string().regex(/^(?:[0-9A-Fa-f]{2}){1,16}$/, 'an even number of hexadecimal digits'),
  }),
  z.strictObject({
    kind: z.literal('text'),
    text: z.string().regex(/^[0-9A-Fa-f]{1,40}$/, 'up to 40 digits, decimal or hexadecimal'),
  }),
])

const LearnedSetting = z.object({
  /** Goes into the settings of the reader, under the name that `kind` is. */
  setting: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('format'), format: WiegandFormat }),
    z.object({ kind: z.literal('card'), card: CardText }),
  ]),
  /** Where all cards have the same. */
  facility: decimal.nullable(),
  parity: z.enum(['checked', 'guessed', 'none']),
  notes: z.array(z.string()).readonly(),
})

export const learnCards = route({
  method: 'post',
  path: '/cards/learn',
  can: 'gate:update',
  summary: 'The card format of a reader, from what it made of at least three cards and what is printed on them.',
  body: z.strictObject({
    samples: z
      .array(
        z.strictObject({
          seen: Seen,
          printed: z.strictObject({
            number: decimal,
            /** Null where none is printed. */
            facility: decimal.nullable().default(null),
          }),
        }),
      )
      .max(20),
  }),
  data: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('one'), found: LearnedSetting }),
    z.object({
      kind: z.literal('several'),
      found: z.array(LearnedSetting).readonly(),
      next: z.array(z.string()).readonly(),
    }),
    z.object({ kind: z.literal('none'), why: z.array(z.string()).readonly() }),
  ]),
})
