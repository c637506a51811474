import { type Decoder, listening } from './decoder.ts'
import { lineSplitter } from './lines.ts'

/** Our longest code is 469 digits, an AIM id in front. The scanner will happily send 7 kB of anything. */
const CODE_BYTES_MAX = 512

/** `]`, a letter for the symbology, a modifier: `]Q1`, `]C0` (ISO/IEC 15424). */
const AIM_ID = /^\][A-Za-z][0-9A-Za-z]/

export type LineNeeds = {
  /** The scanner is set to send an AIM id in front. A payload may begin with `]` by itself, so it is never guessed. */
  readonly aimId: boolean
}

/** A QR scanner that types each code down a line of bytes and ends it with CR, LF or both. */
export function lineDecoder({ aimId }: LineNeeds): Decoder {
  const split = lineSplitter(CODE_BYTES_MAX)
  return listening(chunk =>
    split(chunk)
      .map(line => (aimId ? line.replace(AIM_ID, '') : line))
      .filter(text => text !== '')
      .map(text => ({ kind: 'scan', credential: { kind: 'code', text } })),
  )
}
