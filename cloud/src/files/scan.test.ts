import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { EICAR, startClamd, type TestClamd } from '../testing/clamd.ts'
import { freshPglite } from '../testing/database.ts'
import { clamd } from './clamd.ts'
import { type FilesStand, filesStand } from './testing/files-stand.ts'
import { halves, smallPdf } from './testing/pictures.ts'

const signal = () => AbortSignal.timeout(10_000)

needs('clamd')('files and a real clamd', () => {
  let database: Database
  let server: TestClamd
  let stand: FilesStand
  beforeAll(async () => {
    database = await freshPglite()
    server = await startClamd()
    stand = await filesStand(database, server.url)
  })
  afterAll(async () => {
    await stand[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  test('it finds EICAR over TCP and over its socket, at any place of a large file, and nothing where nothing is', async () => {
    for (const address of [server.url, server.socketUrl]) {
      const scanner = clamd(address)
      await scanner.ping(signal())
      expect(await scanner.scan(Buffer.from(EICAR), signal())).toMatch(/^Gatehouse\.Test\.EICAR/)
      const large = Buffer.alloc(9_000_000, 0x20)
      expect(await scanner.scan(large, signal())).toBe(null)
      large.write(EICAR, 65_530)
      expect(await scanner.scan(large, signal())).toMatch(/EICAR/)
    }
  })

  test('an infected document is refused, its bytes go, and the log says so', async () => {
    const { body } = await stand.upload(smallPdf({ extra: `% ${EICAR}\n` }))
    await stand.work()
    const row = await stand.row(body.data.id)
    expect(row).toMatchObject({ state: 'refused', refusal: 'infected', scan: 'infected', sealed_key: null })
    expect(stand.inStore().filter(path => path.replaceAll('/', '').includes(row.storage_name))).toEqual([])
    const told = await inSchool(database.db, stand.school.schoolId, tx =>
      tx
        .selectFrom('audit_log')
        .select('after')
        .where('subject_id', '=', row.id)
        .where('action', '=', 'file.settle')
        .executeTakeFirstOrThrow(),
    )
    expect(told.after).toEqual({ state: 'refused', scan: 'infected', refusal: 'infected' })
  })

  test('an infected photo is refused too, and a clean one says that it was scanned', async () => {
    const jpeg = await halves(50, 50).jpeg().toBuffer()
    const clean = await stand.upload(jpeg, { category: 'photo' })
    const infected = await stand.upload(Buffer.concat([jpeg, Buffer.from(EICAR)]), { category: 'photo' })
    await stand.work()
    expect(await stand.row(clean.body.data.id)).toMatchObject({ state: 'ready', scan: 'clean' })
    expect(await stand.row(infected.body.data.id)).toMatchObject({ state: 'refused', refusal: 'infected' })
  })

  test('a clamd that hangs is given up on when the signal says so', async () => {
    server.freeze()
    try {
      const stop = new AbortController()
      const scanning = clamd(server.url).scan(Buffer.alloc(1000), stop.signal)
      stop.abort(new Error('took too long'))
      await expect(scanning).rejects.toThrow('took too long')
    } finally {
      server.thaw()
    }
    expect(await clamd(server.url).scan(Buffer.from('x'), signal())).toBe(null)
  })
})

/** Something that listens like clamd and answers what a test wants. */
async function pretender(answer: string | null): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => (answer === null ? socket.destroy() : socket.end(answer)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test.each([
  ['says no', 'INSTREAM size limit exceeded. ERROR\0', 'could not scan'],
  ['says something else', 'HTTP/1.1 400 Bad Request\r\n', 'could not scan'],
  ['hangs up', null, /hung up|ECONNRESET|EPIPE/],
] as const)('a scanner that %s has found nothing out', async (_, answer, words) => {
  await using server = await pretender(answer)
  await expect(clamd(server.url).scan(Buffer.alloc(200_000), signal())).rejects.toThrow(words)
})

test('without an answer of the scanner a document waits and is never ready; a photo goes on and says so', {
  timeout: 60_000,
}, async () => {
  await using database = await freshPglite()
  await using away = await pretender(null)
  await using stand = await filesStand(database, away.url)
  const document = (await stand.upload(smallPdf())).body.data.id
  const photo = (await stand.upload(await halves(40, 40).jpeg().toBuffer(), { category: 'photo' })).body.data.id
  await stand.work()
  expect(await stand.row(document)).toMatchObject({ state: 'waiting', scan: 'waiting' })
  expect(await stand.row(photo)).toMatchObject({ state: 'ready', scan: 'missed' })
  const job = await inSchool(database.db, stand.school.schoolId, tx =>
    tx
      .selectFrom('jobs')
      .select(['state', 'error', 'tries'])
      .where('kind', '=', 'file_processing')
      .where('state', '=', 'waiting')
      .executeTakeFirstOrThrow(),
  )
  expect(job).toMatchObject({ state: 'waiting', error: expect.stringMatching(/hung up|ECONNRESET|EPIPE/) })
  const link = await stand.cloud.call('POST', `/api/v1/files/${document}/links`, {
    token: stand.token.student,
    body: { variant: 'original' },
  })
  expect(link.body.error.code).toBe('not_ready')
})
