/** Bits of a card in the order of the wire: left-justified, as lower-case hexadecimal of whole bytes. As `Card` has them. */
export type Frame = { readonly bitCount: number; readonly bits: string }

/** Bits as text, one digit a bit, the first on the wire in front. What is behind the last bit of the frame is left out. */
export function binaryOf({ bitCount, bits }: Frame): string {
  let binary = ''
  for (const digit of bits) binary += (Number.parseInt(digit, 16) & 15).toString(2).padStart(4, '0')
  return binary.slice(0, bitCount).padEnd(bitCount, '0')
}

/** The frame of bits written as text; spare bits of the last byte are zero. */
export function frameOf(binary: string): Frame {
  const padded = binary.padEnd(Math.ceil(binary.length / 8) * 8, '0')
  let bits = ''
  for (let at = 0; at < padded.length; at += 4) bits += Number.parseInt(padded.slice(at, at + 4), 2).toString(16)
  return { bitCount: binary.length, bits }
}

/** A number in as many bits; null where it needs more. */
export function binaryOfNumber(value: bigint, bitCount: number): string | null {
  const binary = value.toString(2)
  return value < 0n || binary.length > bitCount ? null : binary.padStart(bitCount, '0')
}

export function numberOf(binary: string): bigint {
  return BigInt(`0b${binary}`)
}

/** Last byte first. Of whole bytes only. */
export function bytesReversed(binary: string): string {
  let reversed = ''
  for (let at = binary.length - 8; at >= 0; at -= 8) reversed += binary.slice(at, at + 8)
  return reversed
}
