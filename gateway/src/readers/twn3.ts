import { fromHex, toHex } from '@gatehouse/shared/bytes.ts'
import { cardOfBits } from '@gatehouse/shared/wiegand/card-of-bits.ts'
import type { WiegandFormat } from '@gatehouse/shared/wire/hardware/card-format.ts'
import { type Decoded, type Decoder, listening } from './decoder.ts'
import { lineSplitter } from './lines.ts'

const LINE_BYTES_MAX = 64
const CARD_BITS_MAX = 128

/**
 * An Elatec TWN3 for HID Prox in transparent mode, 9600 8N1: in hexadecimal and CR, how many bits the card has and the
 * bits as they came, left-justified in whole bytes (TWN3 technical manual, page 25). Its format is checked here.
 */
export function twn3Decoder({ format }: { readonly format: WiegandFormat }): Decoder {
  const split = lineSplitter(LINE_BYTES_MAX)
  return listening(chunk =>
    split(chunk).map((line): Decoded => {
      const bytes = fromHex(line)
      if (bytes === null) return { kind: 'dropped', why: 'not_hex' }
      const [bitCount = 0, ...bits] = bytes
      if (bitCount === 0 || bitCount > CARD_BITS_MAX || bits.length !== Math.ceil(bitCount / 8))
        return { kind: 'dropped', why: 'length' }
      // Bits behind the last one would make two texts of one card; the reader sends none.
      const spare = bits.length * 8 - bitCount
      if ((bits.at(-1)! & ((1 << spare) - 1)) !== 0) return { kind: 'dropped', why: 'spare_bits' }
      const frame = { bitCount, bits: toHex(Uint8Array.from(bits)) }
      return { kind: 'scan', credential: cardOfBits(frame, format) }
    }),
  )
}
