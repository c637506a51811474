import { fail, ok, type Result } from '../result.ts'

/** Sizes of GHP1, in bytes. */
export const BODY_BYTES = 30
export const SIGNATURE_BYTES = 64
export const STATIC_BYTES = BODY_BYTES + SIGNATURE_BYTES

/** The first byte of every pass. Signed, so that a stripped dynamic certificate cannot pass as a static one. */
export const PASS_TYPES = { static: 0x11, dynamic: 0x12, reference: 0x13, totp: 0x15 } as const

export const PASS_CLASSES = ['student', 'staff', 'contractor', 'visitor', 'vehicle'] as const
export type PassClass = (typeof PASS_CLASSES)[number]

export type PassFlags = {
  readonly photoCheck: boolean
  readonly once: boolean
  readonly escort: boolean
  readonly printed: boolean
}

/** What an issuer signs about a pass: nothing about the person. */
export type PassBody = {
  readonly type: number
  /** Number of the issuer key in the tenant's trust. 0..255 */
  readonly kid: number
  /** Eight random bytes as 16 lower-case hexadecimal characters. */
  readonly passId: string
  /** Unix seconds, both ends u32: valid while notBefore <= now < expires. */
  readonly notBeforeS: number
  readonly expiresS: number
  /** Bit i = gate group i; bit 31 set: the low 31 bits name a group set of the signed policy. Never 0. */
  readonly groups: number
  readonly class: PassClass
  readonly flags: PassFlags
  /** Time profile of the signed policy, 0 = always. */
  readonly profile: number
  /** A list row's minGeneration kills older ones. u16 */
  readonly generation: number
  /** Number of the issue within the tenant: 1, 2, 3 ... u32 */
  readonly serial: number
}

const FLAG_BITS = { photoCheck: 1, once: 2, escort: 4, printed: 8 } as const

/** The 30 bytes of a body, big-endian. Throws on a body that cannot be said: it was made by us. */
export function encodeBody(body: PassBody): Uint8Array {
  const bytes = new Uint8Array(BODY_BYTES)
  const view = new DataView(bytes.buffer)
  const passClass = PASS_CLASSES.indexOf(body.class) + 1
  let flags = 0
  for (const [name, bit] of Object.entries(FLAG_BITS)) if (body.flags[name as keyof PassFlags]) flags |= bit

  view.setUint8(0, body.type)
  view.setUint8(1, body.kid)
  view.setBigUint64(2, BigInt(`0x${body.passId}`))
  view.setUint32(10, body.notBeforeS)
  view.setUint32(14, body.expiresS)
  view.setUint32(18, body.groups)
  view.setUint8(22, (passClass << 4) | flags)
  view.setUint8(23, body.profile)
  view.setUint16(24, body.generation)
  view.setUint32(26, body.serial)

  const read = decodeBody(bytes)
  if (!read.ok || JSON.stringify(read.value) !== JSON.stringify(inOrder(body))) {
    throw new Error(`a pass body that cannot be encoded: pass ${body.passId}, serial ${body.serial}`)
  }
  return bytes
}

/** Reads a body. `malformed`: groups 0, expires <= notBefore, a class outside 1-5. */
export function decodeBody(bytes: Uint8Array): Result<PassBody, 'malformed'> {
  if (bytes.length < BODY_BYTES) return fail('malformed')
  const view = new DataView(bytes.buffer, bytes.byteOffset, BODY_BYTES)
  const passClass = PASS_CLASSES[(view.getUint8(22) >> 4) - 1]
  const flags = view.getUint8(22) & 15
  const notBeforeS = view.getUint32(10)
  const expiresS = view.getUint32(14)
  const groups = view.getUint32(18)
  if (passClass === undefined || groups === 0 || expiresS <= notBeforeS) return fail('malformed')

  return ok({
    type: view.getUint8(0),
    kid: view.getUint8(1),
    passId: view.getBigUint64(2).toString(16).padStart(16, '0'),
    notBeforeS,
    expiresS,
    groups,
    class: passClass,
    flags: {
      photoCheck: (flags & FLAG_BITS.photoCheck) !== 0,
      once: (flags & FLAG_BITS.once) !== 0,
      escort: (flags & FLAG_BITS.escort) !== 0,
      printed: (flags & FLAG_BITS.printed) !== 0,
    },
    profile: view.getUint8(23),
    generation: view.getUint16(24),
    serial: view.getUint32(26),
  })
}

function inOrder(body: PassBody): PassBody {
  const { type, kid, passId, notBeforeS, expiresS, groups, class: passClass, flags, profile, generation, serial } = body
  const { photoCheck, once, escort, printed } = flags
  return {
    type,
    kid,
    passId,
    notBeforeS,
    expiresS,
    groups,
    class: passClass,
    flags: { photoCheck, once, escort, printed },
    profile,
    generation,
    serial,
  }
}
