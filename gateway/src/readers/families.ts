import type { ReaderConfig, ReaderFamily } from '@gatehouse/shared/wire/hardware/reader-config.ts'
import { outputLine, type ReportLine } from '../devices/report-line.ts'
import type { Decoder } from './decoder.ts'
import { gm65Decoder } from './gm65.ts'
import { enabledScannerLine, hidPosDecoder } from './hid-pos.ts'
import { keypadDecoder } from './keypad.ts'
import { lineDecoder } from './line.ts'
import { pcproxDecoder, pcproxLine } from './pcprox.ts'
import { pn532Decoder } from './pn532.ts'
import { rdm6300Decoder } from './rdm6300.ts'
import { s4aDecoder } from './s4a.ts'
import { twn3Decoder } from './twn3.ts'
import { twn4Decoder } from './twn4.ts'
import { wedgeDecoder } from './wedge.ts'
import { wie232Decoder } from './wie232.ts'
import { zebraSsiDecoder } from './zebra-ssi.ts'

/** What a reader of a family gives. */
export type Reads = 'card' | 'code' | 'pin' | 'plate'

type Of<Family extends ReaderFamily> = Extract<ReaderConfig, { family: Family }>

type Entry<Family extends ReaderFamily> = {
  readonly decoder: (config: Of<Family>) => Decoder
  readonly reads: Reads | ((config: Of<Family>) => Reads)
  /** How long a thing is the same presentation after it was last seen, and how many others may come between. */
  readonly quietMs: number
  readonly others: number
  /** Of a HID device: how it is spoken to, where that is not by output reports. */
  readonly line?: ReportLine
  /** It is a keyboard to the system, and would type at the console as well. */
  readonly isKeyboard?: boolean
}

/** The same code from the same scanner within this time is the same person with the same phone. */
const SAME_CODE_MS = 3_000
/** Two phones side by side, or noise from the sun, must not make the first one's code a second scan: it would hear that it was used. */
const OTHERS_BETWEEN = 8
/** A card that lies at a reader is told again within this time: every 65 ms by an RDM6300, every 100 by one that is polled. */
const SAME_CARD_MS = 300
/** A pcProx is asked four times a second, and a card that lies there is told each time. */
const POLLED_CARD_MS = 1_000

const codes = { quietMs: SAME_CODE_MS, others: OTHERS_BETWEEN }
const cards = { reads: 'card', quietMs: SAME_CARD_MS, others: 0 } as const

/** Every family of readers, and what is particular to it. */
const FAMILIES: { readonly [Family in ReaderFamily]: Entry<Family> } = {
  line: { ...codes, reads: ({ reads }) => reads, decoder: lineDecoder },
  rdm6300: { ...cards, decoder: rdm6300Decoder },
  twn4: { ...cards, decoder: twn4Decoder },
  pn532: { ...cards, decoder: pn532Decoder },
  gm65: { ...codes, reads: 'code', decoder: gm65Decoder },
  'zebra-ssi': { ...codes, reads: 'code', decoder: zebraSsiDecoder },
  wie232: { ...cards, decoder: wie232Decoder },
  s4a: { ...cards, decoder: s4aDecoder },
  twn3: { ...cards, decoder: twn3Decoder },
  /** Each time a PIN is typed it is typed by somebody. */
  keypad: { reads: 'pin', quietMs: 0, others: 0, decoder: keypadDecoder },
  wedge: { ...codes, reads: ({ reads }) => reads, decoder: wedgeDecoder, isKeyboard: true },
  'hid-pos': { ...codes, reads: ({ reads }) => reads, decoder: hidPosDecoder, line: enabledScannerLine },
  pcprox: { ...cards, quietMs: POLLED_CARD_MS, decoder: pcproxDecoder, line: pcproxLine, isKeyboard: true },
}

export type FamilyOf = {
  readonly decoder: () => Decoder
  readonly reads: Reads
  readonly quietMs: number
  readonly others: number
  readonly line: ReportLine
  readonly isKeyboard: boolean
}

/** The family of a configured reader, with its settings. */
export function familyOf(config: ReaderConfig): FamilyOf {
  const entry = FAMILIES[config.family] as Entry<ReaderFamily>
  const { decoder, reads, quietMs, others, line = outputLine, isKeyboard = false } = entry
  return {
    decoder: () => decoder(config),
    reads: typeof reads === 'function' ? reads(config) : reads,
    quietMs,
    others,
    line,
    isKeyboard,
  }
}
