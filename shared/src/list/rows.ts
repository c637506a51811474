import { fromHex, toHex } from '../bytes.ts'
import { PASS_CLASSES, type PassClass } from '../pass/body.ts'
import { fail, ok, type Result } from '../result.ts'

/**
 * The rows of the four tables of GHL1, fixed in width, big-endian, ascending by key and without duplicates. A row is what is hashed,
 * stored and sent; the types are what a rule looks at.
 */
export const TABLES = ['P', 'C', 'K', 'N'] as const
export type Table = (typeof TABLES)[number]

export function perTable<Value>(make: (table: Table) => Value): Record<Table, Value> {
  return { P: make('P'), C: make('C'), K: make('K'), N: make('N') }
}

/** Bytes a row, and how many of them are its key. */
export const ROW_LAYOUT: Record<Table, { readonly bytes: number; readonly keyBytes: number }> = {
  /** Passes, by passId. */
  P: { bytes: 26, keyBytes: 8 },
  /** Cards, by cardKey. */
  C: { bytes: 20, keyBytes: 12 },
  /** Device keys, by passId. */
  K: { bytes: 41, keyBytes: 8 },
  /** PINs, by passId and kind. */
  N: { bytes: 25, keyBytes: 9 },
}

export const LIST_STATUSES = ['active', 'suspended', 'revoked', 'lost'] as const
export type ListStatus = (typeof LIST_STATUSES)[number]

const FLAG_BITS = {
  dynamicOnly: 1,
  photoCheck: 2,
  antiPassbackExempt: 4,
  once: 8,
  escort: 16,
  longerOpening: 32,
  pinNeeded: 64,
} as const

export type RowFlags = { readonly [Flag in keyof typeof FLAG_BITS]: boolean }

export const NO_ROW_FLAGS: RowFlags = {
  dynamicOnly: false,
  photoCheck: false,
  antiPassbackExempt: false,
  once: false,
  escort: false,
  longerOpening: false,
  pinNeeded: false,
}

/** A pass as a gate's list has it. */
export type ListPass = {
  /** 16 hexadecimal characters. */
  readonly passId: string
  /** Unix seconds; 0 = at once. */
  readonly notBeforeS: number
  readonly expiresS: number
  /** Bit i = gate group i, masked to the scope; bit 31 = the rest names a group set. */
  readonly groups: number
  readonly status: ListStatus
  readonly class: PassClass
  /** Time profile, 0 = always. */
  readonly profile: number
  readonly flags: RowFlags
  readonly minGeneration: number
}

export function encodePass(pass: ListPass): Uint8Array {
  const row = new Uint8Array(ROW_LAYOUT.P.bytes)
  const view = new DataView(row.buffer)
  let flags = 0
  for (const [flag, bit] of Object.entries(FLAG_BITS)) if (pass.flags[flag as keyof RowFlags]) flags |= bit
  row.set(bytesOf(pass.passId, 8), 0)
  view.setUint32(8, pass.notBeforeS)
  view.setUint32(12, pass.expiresS)
  view.setUint32(16, pass.groups)
  view.setUint8(20, LIST_STATUSES.indexOf(pass.status) + 1)
  view.setUint8(21, PASS_CLASSES.indexOf(pass.class) + 1)
  view.setUint8(22, pass.profile)
  view.setUint8(23, flags)
  view.setUint16(24, pass.minGeneration)
  return row
}

/** Reads a pass's row. `malformed`: a status, class or flag that this version does not know, no groups, an end before the beginning. */
export function decodePass(row: Uint8Array): Result<ListPass, 'malformed'> {
  if (row.length !== ROW_LAYOUT.P.bytes) return fail('malformed')
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const status = LIST_STATUSES[view.getUint8(20) - 1]
  const passClass = PASS_CLASSES[view.getUint8(21) - 1]
  const flags = view.getUint8(23)
  const notBeforeS = view.getUint32(8)
  const expiresS = view.getUint32(12)
  const groups = view.getUint32(16)
  if (status === undefined || passClass === undefined || flags > 127 || groups === 0 || expiresS <= notBeforeS)
    return fail('malformed')
  return ok({
    passId: toHex(row.subarray(0, 8)),
    notBeforeS,
    expiresS,
    groups,
    status,
    class: passClass,
    profile: view.getUint8(22),
    flags: rowFlags(flags),
    minGeneration: view.getUint16(24),
  })
}

/** The flags behind the byte of a row. */
export function rowFlags(bits: number): RowFlags {
  const has = (flag: keyof RowFlags) => (bits & FLAG_BITS[flag]) !== 0
  return {
    dynamicOnly: has('dynamicOnly'),
    photoCheck: has('photoCheck'),
    antiPassbackExempt: has('antiPassbackExempt'),
    once: has('once'),
    escort: has('escort'),
    longerOpening: has('longerOpening'),
    pinNeeded: has('pinNeeded'),
  }
}

/** cardKey of 24 hexadecimal characters, passId of 16. */
export type ListCard = { readonly cardKey: string; readonly passId: string }

export function encodeCard({ cardKey, passId }: ListCard): Uint8Array {
  const row = new Uint8Array(ROW_LAYOUT.C.bytes)
  row.set(bytesOf(cardKey, 12), 0)
  row.set(bytesOf(passId, 8), 12)
  return row
}

export function decodeCard(row: Uint8Array): Result<ListCard, 'malformed'> {
  if (row.length !== ROW_LAYOUT.C.bytes) return fail('malformed')
  return ok({ cardKey: toHex(row.subarray(0, 12)), passId: toHex(row.subarray(12)) })
}

/** The public half of a phone's P-256 key as a compressed point (SEC 1 section 2.3.3), 66 hexadecimal characters. */
export type ListDeviceKey = { readonly passId: string; readonly point: string }

export function encodeDeviceKey({ passId, point }: ListDeviceKey): Uint8Array {
  const row = new Uint8Array(ROW_LAYOUT.K.bytes)
  row.set(bytesOf(passId, 8), 0)
  row.set(bytesOf(point, 33), 8)
  return row
}

/** Reads a device key's row. `malformed`: a point that does not begin with 02 or 03. Whether it lies on the curve is for the check. */
export function decodeDeviceKey(row: Uint8Array): Result<ListDeviceKey, 'malformed'> {
  if (row.length !== ROW_LAYOUT.K.bytes || (row[8] !== 2 && row[8] !== 3)) return fail('malformed')
  return ok({ passId: toHex(row.subarray(0, 8)), point: toHex(row.subarray(8)) })
}

export const PIN_KINDS = ['normal', 'duress'] as const

/** A PIN as HMAC-SHA-256(PIN secret of the scope, passId, kind, digits)[0..16), 32 hexadecimal characters. */
export type ListPin = { readonly passId: string; readonly kind: (typeof PIN_KINDS)[number]; readonly mac: string }

export function encodePin({ passId, kind, mac }: ListPin): Uint8Array {
  const row = new Uint8Array(ROW_LAYOUT.N.bytes)
  row.set(bytesOf(passId, 8), 0)
  row[8] = PIN_KINDS.indexOf(kind) + 1
  row.set(bytesOf(mac, 16), 9)
  return row
}

export function decodePin(row: Uint8Array): Result<ListPin, 'malformed'> {
  const kind = PIN_KINDS[row[8]! - 1]
  if (row.length !== ROW_LAYOUT.N.bytes || kind === undefined) return fail('malformed')
  return ok({ passId: toHex(row.subarray(0, 8)), kind, mac: toHex(row.subarray(9)) })
}

/**
 * Whether a row says something this version understands, as its decoder would say. A table with one that does not is refused whole.
 * Asked of a million rows when a list comes, hence of the bytes where they lie.
 */
export function isRowAt(table: Table, rows: Uint8Array, at: number): boolean {
  if (table === 'C') return true
  if (table === 'K') return rows[at + 8] === 2 || rows[at + 8] === 3
  if (table === 'N') return rows[at + 8] === 1 || rows[at + 8] === 2
  const u32 = (from: number) =>
    rows[at + from]! * 0x1000000 + ((rows[at + from + 1]! << 16) | (rows[at + from + 2]! << 8) | rows[at + from + 3]!)
  const [status, passClass, flags] = [rows[at + 20]!, rows[at + 21]!, rows[at + 23]!]
  return (
    status >= 1 &&
    status <= LIST_STATUSES.length &&
    passClass >= 1 &&
    passClass <= PASS_CLASSES.length &&
    flags <= 127 &&
    u32(16) !== 0 &&
    u32(12) > u32(8)
  )
}

function bytesOf(hex: string, length: number): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes?.length !== length) throw new Error(`${length} bytes of hexadecimal were expected`)
  return bytes
}
