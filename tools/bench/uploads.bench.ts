import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import sharp from 'sharp'
import { openPglite } from '../../cloud/src/db/pglite.ts'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { filesStand } from '../../cloud/src/files/testing/files-stand.ts'
import { photoOf, thumbnailOf } from '../../cloud/src/pictures/pictures.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { find } from '../checks/programs.ts'
import { show } from './figures.ts'

const UPLOADS = Number(process.env.GATEHOUSE_BENCH_UPLOADS ?? 1_000)
/** As many as a process works on at once. */
const AT_ONCE = 5
const TENTH = Math.ceil(UPLOADS / 10)

/** Photographs of 3 MB from the upload to the re-encoded picture in the store, and the memory it took at each tenth; beside a plain node server that does the same pixels. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const server = find('postgres') === null ? null : await startPostgres({ asInSchools: true })
  try {
    const photo = await photograph()
    console.log(`  ${UPLOADS} photographs of ${(photo.length / 1e6).toFixed(1)} MB, ${AT_ONCE} at once`)
    const floor = await plain(photo, folder)
    await using database =
      server === null ? await openPglite({ folder }) : await openPostgres(await createDatabase(server))
    const own = await ours(photo, database)
    show([
      { name: 'plain node http and sharp', figures: floor.figures, ratio: 1 },
      {
        name: `POST /files and its job (${database.engine})`,
        figures: own.figures,
        ratio: own.seconds / floor.seconds,
      },
    ])
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Measured = { readonly seconds: number; readonly figures: string }

async function ours(photo: Buffer, database: Parameters<typeof filesStand>[0]): Promise<Measured> {
  await using stand = await filesStand(database)
  const room = { schoolBytesMax: 10 ** 12, ownerBytesMax: 10 ** 12 }
  await stand.cloud.call('PUT', '/api/v1/file-limits', { token: stand.token.school_admin, body: room })
  // Awaited here: the stand is put away when this function is left.
  return await measured(async many => {
    await atOnce(many, async () => {
      const { status } = await stand.upload(photo, { category: 'photo', name: 'photo.jpg' })
      if (status !== 201) throw new Error(`an upload was answered ${status}`)
    })
    await stand.work()
  })
}

async function plain(photo: Buffer, folder: string): Promise<Measured> {
  let written = 0
  const server = createServer(async (req, res) => {
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece)
    const drawn = (await photoOf(Buffer.concat(pieces)))!
    const path = join(folder, `plain-${written++}`)
    await writeFile(path, drawn, { flush: true })
    await writeFile(`${path}.thumbnail`, (await thumbnailOf(drawn))!, { flush: true })
    res.end()
  })
  // A connection that is closed between two requests would fail the second.
  server.keepAliveTimeout = 120_000
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return await measured(many =>
      atOnce(many, async () => {
        await (await fetch(url, { method: 'POST', body: new Uint8Array(photo) })).arrayBuffer()
      }),
    )
  } finally {
    server.close()
  }
}

/** A tenth after the other; what is resident after each is flat when the figures are alike. */
async function measured(tenth: (many: number) => Promise<void>): Promise<Measured> {
  const residentMb: number[] = []
  const beganMs = performance.now()
  for (let done = 0; done < UPLOADS; done += TENTH) {
    await tenth(Math.min(TENTH, UPLOADS - done))
    residentMb.push(Math.round(process.memoryUsage().rss / 1e6))
  }
  const seconds = (performance.now() - beganMs) / 1000
  const figures = `${(UPLOADS / seconds).toFixed(1)}/s, ${seconds.toFixed(1)} s; MB resident at each tenth: ${residentMb.join(' ')}`
  return { seconds, figures }
}

async function atOnce(many: number, work: () => Promise<void>): Promise<void> {
  let left = many
  const one = async () => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** 12 megapixels with as much in them as makes a JPEG of about 3 MB. */
async function photograph(): Promise<Buffer> {
  const [width, height] = [4_000, 3_000]
  const small = { width: width / 4, height: height / 4, channels: 3 as const }
  const noise = randomBytes(small.width * small.height * 3)
  const jpeg = (quality: number) => sharp(noise, { raw: small }).resize(width, height).jpeg({ quality }).toBuffer()
  for (let quality = 95; quality > 10; quality -= 5) {
    const made = await jpeg(quality)
    if (made.length <= 3_300_000) return made
  }
  return jpeg(10)
}
