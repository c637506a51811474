import { concat } from '@gatehouse/shared/bytes.ts'
import { outputLine, type ReportLine } from '../devices/report-line.ts'
import { type Decoded, type Decoder, listening } from './decoder.ts'
import { type TypedTextNeeds, typedText } from './typed-text.ts'

/** A decoded code (usage 0x8C/0x12); Microscan numbers it 1. */
const SCANNED_DATA = new Set([1, 2])
const REPORT_BYTES = 64
const DATA_BYTES_MAX = 56
const LENGTH_AT = 1
/** One byte behind the other, where makers put their letter for the symbology. */
const SYMBOLOGY_A_AT = 61
const SYMBOLOGY_B_AT = 62
const LAST = REPORT_BYTES - 1
const CONTINUED = 0x01

/** `]`: the first of the three characters of an AIM id (ISO/IEC 15424). */
const BRACKET = 0x5d
const AIM_ID = /^\][A-Za-z][0-9A-Za-z]$/
const AIM_CHARACTERS = 3
/** `]Z6` and its like carry no code: answers of the scanner to its host. */
const NO_CODE = 'Z'

/** Our longest code is 469 digits: nine reports. */
const CODE_BYTES_MAX = 512
/** The parts of one code come a few milliseconds apart; what waits longer lost its end. */
const PART_MS_MAX = 1_000

/** `partial`: its end did not come, or another code began before it. */
export type DroppedReport = 'length' | 'partial' | 'too_long' | 'no_code'

export type HidPosNeeds = Omit<TypedTextNeeds, 'prefix' | 'aimId'>

type Part = { readonly aim: string; readonly data: Uint8Array; readonly isContinued: boolean }

/**
 * A scanner that is a HID point-of-sale scanner (usage page 0x8C): reports of 64 bytes in one of two layouts, told apart by
 * what is in them (USB HID POS Usage Tables 1.02; WebHidBarcodeScanner; python_hon_usbhid; Access-IS manual).
 *
 * Honeywell, Youjie, Access-IS: AIM id at 2, up to 56 bytes of data at 5. Datalogic, Symbol: both one byte later.
 * Newland, Quio: no AIM id, data at 2. Bit 0 of the last byte: more follows.
 */
export function hidPosDecoder(needs: HidPosNeeds): Decoder {
  const meaning = typedText({ ...needs, prefix: '', aimId: false })
  let held: { readonly aim: string; readonly data: Uint8Array; readonly sinceMs: number } | null = null

  const drop = (why: DroppedReport): Decoded => ({ kind: 'dropped', why })
  const due = (atMs: number): Decoded[] => {
    if (held === null || atMs < held.sinceMs + PART_MS_MAX) return []
    held = null
    return [drop('partial')]
  }
  const take = (report: Uint8Array, atMs: number): readonly Decoded[] => {
    if (!SCANNED_DATA.has(report[0] ?? 0)) return []
    // The report may be here before anybody asked whether the time was over.
    const found = due(atMs)
    const part = partOf(report)
    if (part === null) {
      held = null
      return [...found, drop('length')]
    }
    if (held !== null && held.aim !== part.aim) {
      found.push(drop('partial'))
      held = null
    }
    const data = held === null ? part.data : concat(held.data, part.data)
    held = null
    if (data.length > CODE_BYTES_MAX) return [...found, drop('too_long')]
    if (part.isContinued) {
      held = { aim: part.aim, data, sinceMs: atMs }
      return found
    }
    if (part.aim[1] === NO_CODE) return [...found, drop('no_code')]
    // A suffix that it is set to send ends the code, as it would on a line.
    return [...found, ...meaning(textOf(data).replace(/[\r\n]+$/, ''))]
  }
  return listening(take, { dueMs: () => (held === null ? null : held.sinceMs + PART_MS_MAX), due })
}

function partOf(report: Uint8Array): Part | null {
  const length = report[LENGTH_AT] ?? 0
  if (report.length !== REPORT_BYTES || length > DATA_BYTES_MAX) return null
  const isContinued = (report[LAST]! & CONTINUED) !== 0
  if (length === 0 && !isContinued) return null
  const aimAt = aimIn(report)
  const aim = aimAt === null ? '' : textOf(report.subarray(aimAt, aimAt + AIM_CHARACTERS))
  const dataAt = aimAt === null ? LENGTH_AT + 1 : aimAt + AIM_CHARACTERS
  return { aim, data: report.slice(dataAt, dataAt + length), isContinued }
}

/** Where the AIM id is; null: nowhere, and data begins at once. */
function aimIn(report: Uint8Array): number | null {
  const isAim = (at: number) => AIM_ID.test(textOf(report.subarray(at, at + AIM_CHARACTERS)))
  // A code of a Newland may itself begin like an AIM id. Its letter for the symbology stands one byte further.
  const isNewland = report[SYMBOLOGY_A_AT] === 0 && report[SYMBOLOGY_B_AT] !== 0
  if (report[LENGTH_AT + 1] === BRACKET && isAim(LENGTH_AT + 1) && !isNewland) return LENGTH_AT + 1
  // Before an AIM id that is one byte later stands no character; before one that belongs to a code does.
  if (report[LENGTH_AT + 2] === BRACKET && report[LENGTH_AT + 1]! < 0x20 && isAim(LENGTH_AT + 2)) return LENGTH_AT + 2
  return null
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** Until it hears this, a Honeywell says nothing as a point-of-sale scanner (WebHidBarcodeScanner, `open`). */
const ENABLE = Uint8Array.of(0xfe, 0x01)

/** Says to a scanner that it is to speak. Those that need no such word refuse it, which is no fault. */
export const enabledScannerLine: ReportLine = async port => {
  await port.sendFeature(ENABLE).catch(() => {})
  return outputLine(port)
}
