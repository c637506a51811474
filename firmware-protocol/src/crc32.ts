/** CRC-32/ISO-HDLC, as zlib and Ethernet have it: reflected, polynomial 0x04C11DB7, begins and ends inverted; check value 0xCBF43926. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb88320)
  }
  return ~crc >>> 0
}
