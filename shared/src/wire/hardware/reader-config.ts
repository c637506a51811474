import { z } from 'zod'
import { CardText, WiegandFormat } from './card-format.ts'
import { PortConfig, ReportPortConfig, ShortName } from './port.ts'

/** Every kind of reader a gate can have, each with its own settings. */

const id = ShortName.meta({ title: 'Name' })
const bytes = { id, port: PortConfig }
const reports = { id, port: ReportPortConfig }

/** What a reader that types text has in front of it. */
const typed = {
  /** `code`: a QR code, exactly as printed. `plate`: letters and digits of a number plate. `card`: a card, as `card` says. */
  reads: z.enum(['code', 'card', 'plate']).default('code').meta({ title: 'Reads' }),
  card: CardText.optional(),
}

const wiegand = {
  format: WiegandFormat.meta({ title: 'Card format', description: 'from the card’s box, or by `gateway learn`' }),
}

export const ReaderConfig = z.discriminatedUnion('family', [
  z.strictObject({
    family: z.literal('line'),
    ...bytes,
    ...typed,
    end: z.enum(['line', 'etx', 'gap']).default('line').meta({
      title: 'End of a code',
      description: 'line: CR, LF or both; etx: STX … ETX; gap: 50 ms of silence',
    }),
    /** Text that the scanner is set to put in front. What comes without it is dropped. */
    prefix: z.string().max(32).default('').meta({ title: 'Prefix' }),
    /** The scanner is set to send an AIM id (`]Q1`) in front; a payload may begin with `]` by itself. */
    aimId: z.boolean().default(false).meta({ title: 'Sends an AIM id' }),
  }),
  z.strictObject({ family: z.literal('rdm6300'), ...bytes }),
  z.strictObject({
    family: z.literal('twn4'),
    ...bytes,
    mode: z.enum(['ascii', 'binary']).default('ascii').meta({ title: 'Mode' }),
    crc: z.boolean().default(false).meta({ title: 'CRC' }),
    /** Of HID Prox and iCLASS cards. */
    format: WiegandFormat.default('raw').meta({ title: 'Format of Prox and iCLASS cards' }),
  }),
  z.strictObject({ family: z.literal('pn532'), ...bytes }),
  z.strictObject({ family: z.literal('gm65'), ...bytes }),
  z.strictObject({ family: z.literal('zebra-ssi'), ...bytes }),
  z.strictObject({ family: z.literal('wie232'), ...bytes }),
  z.strictObject({
    family: z.literal('s4a'),
    ...bytes,
    /** Its ten decimal digits stand for 24 bits of a Wiegand 26 card, or 32 of a Wiegand 34. */
    bits: z
      .union([z.literal(24), z.literal(32)])
      .default(24)
      .meta({ title: 'Bits' }),
  }),
  z.strictObject({ family: z.literal('twn3'), ...bytes, ...wiegand }),
  z.strictObject({
    family: z.literal('keypad'),
    ...bytes,
    /** Digits of a PIN. */
    digitsMin: z.int().min(4).max(16).default(4).meta({ title: 'Fewest digits' }),
    digitsMax: z.int().min(4).max(16).default(8).meta({ title: 'Most digits' }),
  }),
  z.strictObject({
    family: z.literal('wedge'),
    ...reports,
    ...typed,
    layout: z.enum(['us', 'de', 'fr', 'uk']).default('us').meta({
      title: 'Keyboard layout',
      description: 'the one the scanner is set to; us unless it was changed',
    }),
    aimId: z.boolean().default(false).meta({ title: 'Sends an AIM id' }),
    prefix: z.string().max(32).default('').meta({ title: 'Prefix' }),
  }),
  z.strictObject({ family: z.literal('hid-pos'), ...reports, ...typed }),
  z.strictObject({ family: z.literal('pcprox'), ...reports, ...wiegand }),
])
export type ReaderConfig = z.infer<typeof ReaderConfig>
export type ReaderFamily = ReaderConfig['family']
