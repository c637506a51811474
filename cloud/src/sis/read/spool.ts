import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * A file for what must be read back and forth, such as a zip. It has no name any more when `work` begins, so nothing
 * is left of it, whatever happens to the process.
 */
export async function spooled<Answer>(
  bytes: AsyncIterable<Uint8Array>,
  work: (fd: number) => Promise<Answer>,
): Promise<Answer> {
  const path = join(tmpdir(), `gatehouse-${randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    await pipeline(
      Readable.from(bytes, { objectMode: false }),
      createWriteStream('', { fd: file.fd, autoClose: false, start: 0 }),
    )
    return await work(file.fd)
  } finally {
    await file.close()
  }
}
