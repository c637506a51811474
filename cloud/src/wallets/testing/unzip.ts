/** The files of a ZIP archive that keeps them as they are (APPNOTE 4.4.5, method 0), by the central directory. */
export function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const files = new Map<string, Buffer>()
  let at = archive.readUInt32LE(end + 16)
  for (let count = archive.readUInt16LE(end + 10); count > 0; count--) {
    if (archive.readUInt16LE(at + 10) !== 0) throw new Error('a file in the archive is compressed')
    const [bytes, nameBytes, extraBytes, noteBytes] = [20, 28, 30, 32].map((place, index) =>
      index === 0 ? archive.readUInt32LE(at + place) : archive.readUInt16LE(at + place),
    ) as [number, number, number, number]
    const local = archive.readUInt32LE(at + 42)
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    files.set(archive.toString('utf8', at + 46, at + 46 + nameBytes), archive.subarray(from, from + bytes))
    at += 46 + nameBytes + extraBytes + noteBytes
  }
  return files
}
