import { createReadStream } from 'node:fs'
import { access, constants, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type BlobStore, checkedName } from './blob-store.ts'
import { forgetHalvesIn, isMissing, namesIn, writeHalf } from './halves.ts'

/** Blobs in a folder of this machine, or one that several machines mount: `<school>/ab/cd/<the rest of the name>`. */
export function diskStore(folder: string): BlobStore {
  const incoming = join(folder, 'incoming')
  const pathOf = (name: string) => {
    const [school, rest] = checkedName(name).split('/') as [string, string]
    return join(folder, school, rest.slice(0, 2), rest.slice(2, 4), rest.slice(4))
  }

  return {
    kind: 'disk',
    async put(name, bytes) {
      const path = pathOf(name)
      const half = await writeHalf(incoming, bytes)
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        await rename(half.path, path)
        await settle(dirname(path))
      } catch (problem) {
        await half.drop()
        throw problem
      }
    },
    async read(name, { from, length }) {
      const file = await open(pathOf(name)).catch(problem => {
        if (isMissing(problem)) return null
        throw problem
      })
      if (file === null) return null
      if (length === 0) {
        await file.close()
        return (async function* () {})()
      }
      return createReadStream('', { fd: file, start: from, end: from + length - 1 })
    },
    async remove(name) {
      await rm(pathOf(name), { force: true })
    },
    async *list(schoolId) {
      const school = join(folder, schoolId)
      for (const first of await namesIn(school)) {
        for (const second of await namesIn(join(school, first))) {
          for (const rest of await namesIn(join(school, first, second))) {
            const found = await stat(join(school, first, second, rest)).catch(() => null)
            if (found !== null) yield { name: `${schoolId}/${first}${second}${rest}`, writtenAt: found.mtime }
          }
        }
      }
    },
    forgetHalves: before => forgetHalvesIn(incoming, before),
    async check() {
      await mkdir(incoming, { recursive: true, mode: 0o700 })
      await access(incoming, constants.W_OK)
    },
  }
}

/** A new name is on the disk only once its folder is. */
async function settle(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
