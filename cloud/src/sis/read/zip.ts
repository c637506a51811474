import { type Entry, fromFdPromise, type ZipFile } from 'yauzl'
import { UnreadableFile } from './rows.ts'
import { tooLarge, UNPACKED_BYTES_MAX } from './unpack.ts'

const ENTRIES_MAX = 100

export type ZipBox = {
  /** Names of the files in it, without folders. */
  readonly names: readonly string[]
  read(name: string): AsyncIterable<Uint8Array>
}

/** A zip file by its descriptor. What it says it holds is summed up before anything of it is inflated. */
export async function openZip(fd: number): Promise<ZipBox> {
  const zip = await fromFdPromise(fd, { autoClose: false, validateEntrySizes: true }).catch(() => {
    throw new UnreadableFile('The zip file is damaged. Pack it again.')
  })
  const entries = await entriesOf(zip)
  return {
    names: [...entries.keys()],
    async *read(name) {
      const entry = entries.get(name.toLowerCase())
      if (entry === undefined) throw new UnreadableFile(`The zip file has no ${name}.`)
      if (entry.isEncrypted()) throw new UnreadableFile('The zip file has a password. Pack it without one.')
      const stream = await zip.openReadStreamPromise(entry)
      try {
        // yauzl counts, and fails where more comes out than was said.
        for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk
      } catch {
        throw new UnreadableFile(`${name} in the zip file is damaged. Pack it again.`)
      } finally {
        stream.destroy()
      }
    },
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  let bytes = 0
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || /(^|\/)(__MACOSX\/|\.)/.test(entry.fileName)) continue
      bytes += entry.uncompressedSize
      if (bytes > UNPACKED_BYTES_MAX) throw tooLarge()
      if (entries.size === ENTRIES_MAX)
        throw new UnreadableFile(`The zip file has more than ${ENTRIES_MAX} files in it.`)
      entries.set(entry.fileName.split('/').at(-1)!.toLowerCase(), entry)
    }
  } catch (problem) {
    throw problem instanceof UnreadableFile ? problem : new UnreadableFile('The zip file is damaged. Pack it again.')
  }
  return entries
}
