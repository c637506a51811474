import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { onBothEngines } from '../testing/database.ts'
import { type FilesStand, filesStand, send, type Told } from './testing/files-stand.ts'
import { halves, hugePng, pngWithBomb, smallPdf } from './testing/pictures.ts'

const MB = 1024 * 1024

onBothEngines('files that are not what they should be', engine => {
  let database: Database
  let stand: FilesStand
  beforeAll(async () => {
    database = await engine.fresh()
    stand = await filesStand(database)
  })
  afterAll(async () => {
    await stand[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })
  let before: { readonly rows: number; readonly blobs: number }
  const there = async () => ({ rows: await rows(), blobs: stand.inStore().length })
  const rows = () =>
    inSchool(
      database.db,
      stand.school.schoolId,
      async tx => (await tx.selectFrom('files').select('id').execute()).length,
    )
  beforeEach(async () => {
    before = await there()
  })
  /** Tests of what is taken say so by setting this. */
  let nothingStays = true
  afterEach(async () => {
    if (nothingStays) await expect.poll(there).toEqual(before)
    nothingStays = true
  })

  const outcome = async (bytes: Uint8Array, told: Told = {}) => {
    nothingStays = false
    const said = await stand.upload(bytes, told)
    expect([said.status, said.body.message]).toEqual([201, 'Done.'])
    await stand.work()
    const { state, refusal, sealed_key, storage_name } = await stand.row(said.body.data.id)
    if (state === 'refused') {
      expect(sealed_key).toBe(null)
      expect(stand.inStore().filter(path => path.replaceAll('/', '').includes(storage_name))).toEqual([])
      const link = await stand.cloud.call('POST', `/api/v1/files/${said.body.data.id}/links`, {
        token: stand.token.student,
        body: { variant: 'original' },
      })
      expect(link.body.error.code).toBe('not_ready')
    }
    return refusal ?? state
  }

  test('what lies about its type is refused by its first bytes', async () => {
    const png = await halves(20, 20).png().toBuffer()
    const gif = await halves(20, 20).gif().toBuffer()
    const lies: [string, Uint8Array, Told['category']][] = [
      ['a page named .pdf', Buffer.from('<!doctype html><script>alert(1)</script>'), 'document'],
      [
        'a drawing with a script named .png',
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
        'document',
      ],
      ['a program named .jpg', Buffer.concat([Buffer.from('MZ'), randomBytes(500)]), 'photo'],
      ['a zip bomb named .pdf', zipSync({ zeros: new Uint8Array(20 * MB) }), 'document'],
      ['a gzip bomb named .png', gzipSync(Buffer.alloc(20 * MB)), 'photo'],
      [
        'a word document',
        zipSync({ '[Content_Types].xml': strToU8('<Types/>'), 'word/document.xml': strToU8('<w/>') }),
        'document',
      ],
      ['a picture that moves', gif, 'photo'],
      ['a pdf as a photo', smallPdf(), 'photo'],
      ['a webp as a document', await halves(20, 20).webp().toBuffer(), 'document'],
      ['one byte', Buffer.from('%'), 'document'],
      ['noise', randomBytes(5000), 'photo'],
    ]
    for (const [what, bytes, category = 'document'] of lies) {
      const said = await stand.upload(bytes, { category, name: 'ok.pdf' })
      expect([what, said.status, said.body.error.code]).toEqual([what, 415, 'unsupported_file'])
    }
    expect((await stand.upload(png, { name: 'x.exe' })).body.data.mediaType).toBe('image/png')
    nothingStays = false
  })

  test('nothing, twice something, something else, and no form at all', async () => {
    const { cloud, token } = stand
    const pdf = new Blob([new Uint8Array(smallPdf())])
    const form = (...parts: [string, Blob | string][]) => {
      const made = new FormData()
      for (const [name, value] of parts) made.append(name, value as string)
      return made
    }
    const wrong: [string, number, Promise<{ status: number; body: { error: { code: string } } }>][] = [
      ['empty_file', 422, stand.upload('')],
      ['no_file', 422, send(cloud, token.student, 'document', form())],
      ['two_files', 422, send(cloud, token.student, 'document', form(['file', pdf], ['file', pdf]))],
      ['unknown_part', 422, send(cloud, token.student, 'document', form(['file', pdf], ['words', 'x']))],
      ['unknown_part', 422, send(cloud, token.student, 'document', form(['words', 'x'], ['file', pdf]))],
      ['unknown_part', 422, send(cloud, token.student, 'document', form(['other', pdf]))],
      [
        'unsupported_type',
        415,
        send(cloud, token.student, 'document', 'x', undefined, { 'content-type': 'text/plain' }),
      ],
      [
        'unsupported_type',
        415,
        send(cloud, token.student, 'document', 'x', undefined, { 'content-type': 'multipart/form-data' }),
      ],
      [
        'malformed_upload',
        400,
        send(cloud, token.student, 'document', '--b\r\nnonsense', undefined, {
          'content-type': 'multipart/form-data; boundary=b',
        }),
      ],
      ['validation_failed', 422, send(cloud, token.student, 'secret', form(['file', pdf]))],
      ['validation_failed', 422, send(cloud, token.student, 'document', form(['file', pdf]), 'x')],
      ['not_signed_in', 401, send(cloud, 'forged', 'document', form(['file', pdf]))],
      ['not_allowed', 403, send(cloud, token.security, 'document', form(['file', pdf]))],
    ]
    for (const [code, status, sent] of wrong) {
      const said = await sent
      expect([code, said.status, said.body.error.code]).toEqual([code, status, code])
    }
  })

  test('a name is words to show and never a path', async () => {
    nothingStays = false
    const names: [string, string][] = [
      ['../../etc/passwd', 'passwd'],
      ['..\\..\\boot.ini', 'boot.ini'],
      ['/absolute/résumé.pdf', 'résumé.pdf'],
      ['....', 'file'],
      ['a\u202Efdp.exe', 'afdp.exe'],
      ['a<b>|c?.pdf', 'a_b__c_.pdf'],
      [`${'n'.repeat(300)}.pdf`, `${'n'.repeat(196)}.pdf`],
    ]
    for (const [told, kept] of names) {
      const body = `--b\r\nContent-Disposition: form-data; name="file"; filename*=UTF-8''${encodeURIComponent(told)}\r\n\r\n${smallPdf().toString('latin1')}\r\n--b--\r\n`
      const said = await send(stand.cloud, stand.token.student, 'document', body, undefined, {
        'content-type': 'multipart/form-data; boundary=b',
      })
      expect([told, said.body.data?.name]).toEqual([told, kept])
    }
    for (const path of stand.inStore()) expect(path.startsWith(stand.folder)).toBe(true)
  })

  test('pictures that cannot be decoded whole are refused as unreadable, and nothing of them is kept', async () => {
    const jpeg = await halves(600, 400).jpeg().toBuffer()
    const png = await halves(600, 400).png().toBuffer()
    expect(await outcome(jpeg.subarray(0, jpeg.length / 2), { category: 'photo' })).toBe('unreadable')
    expect(await outcome(png.subarray(0, png.length / 2), { category: 'photo' })).toBe('unreadable')
    expect(await outcome(png.subarray(0, png.length / 2))).toBe('unreadable')
    expect(await outcome(Buffer.concat([png.subarray(0, 100), randomBytes(5_000)]), { category: 'photo' })).toBe(
      'unreadable',
    )
    const huge = hugePng(16_000)
    expect(huge.length).toBeLessThan(MB)
    expect(await outcome(huge, { category: 'photo' })).toBe('unreadable')
    expect(await outcome(huge)).toBe('unreadable')
    expect(await outcome(hugePng(5_000), { category: 'photo' })).toBe('ready')
  })

  test('a comment that unpacks to 200 MB is not unpacked', async () => {
    const bomb = pngWithBomb(200 * MB)
    const startMb = process.memoryUsage().rss / MB
    expect(['ready', 'unreadable']).toContain(await outcome(bomb, { category: 'photo' }))
    expect(process.memoryUsage().rss / MB - startMb).toBeLessThan(150)
  })

  test('a pdf that is cut, has no end, or asks for a password is refused; others are not', async () => {
    const pdf = smallPdf()
    expect(await outcome(pdf)).toBe('ready')
    expect(await outcome(pdf.subarray(0, pdf.length - 20))).toBe('unreadable')
    expect(await outcome(Buffer.from('%PDF-1.7\nnothing else'))).toBe('unreadable')
    expect(await outcome(Buffer.from('%PDF-1.7\nstartxref\n99999999\n%%EOF\n'))).toBe('unreadable')
    expect(await outcome(smallPdf({ trailer: '/Encrypt 9 0 R ' }))).toBe('encrypted')
    expect(await outcome(smallPdf({ extra: '% the word /Encrypt 9 0 R in a text\n' }))).toBe('ready')
    const stream = (more: string) => {
      const head = '%PDF-1.5\n1 0 obj\n<< /Type /Catalog >>\nendobj\n'
      return Buffer.from(
        `${head}2 0 obj\n<< /Type /XRef /Size 3 /W [1 2 1] ${more}/Length 4 >>\nstream\nxxxx\nendstream\nendobj\nstartxref\n${head.length}\n%%EOF`,
      )
    }
    expect(await outcome(stream(''))).toBe('ready')
    expect(await outcome(stream('/Encrypt << /Filter /Standard >> '))).toBe('encrypted')
  })

  test('a file at the limit is taken, and one byte more is not', async () => {
    nothingStays = false
    const at = smallPdf({ extra: '' })
    const padded = (bytes: number) => Buffer.concat([at, Buffer.alloc(bytes - at.length, 0x20)])
    expect((await stand.upload(padded(10 * MB))).status).toBe(201)
    const over = await stand.upload(padded(10 * MB + 1))
    expect([over.status, over.body.error.code]).toEqual([413, 'too_large'])
    expect(over.body.error.message).toContain('10 MB')
  })

  test('a gigabyte that is told is refused before it is sent', async () => {
    const said = await new Promise<number>((resolve, reject) => {
      const sent = request(`${stand.cloud.url}/api/v1/files?category=document`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${stand.token.student}`,
          'content-type': 'multipart/form-data; boundary=b',
          'content-length': 1024 * MB,
        },
      })
      sent.on('response', answer => resolve(answer.statusCode!))
      sent.on('error', reject)
      sent.flushHeaders()
    })
    expect(said).toBe(413)
  })

  test('a gigabyte that just comes is refused at the limit, the socket is closed, and memory stays flat', async () => {
    const { port, hostname } = new URL(stand.cloud.url)
    const startMb = process.memoryUsage().rss / MB
    let mostMb = startMb
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', bytes => {
      answer += bytes
    })
    socket.on('error', () => {})
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.write(
      `POST /api/v1/files?category=document HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${stand.token.student}\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    const chunk = (bytes: Buffer) =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
    socket.write(
      chunk(Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n%PDF-1.7\n')),
    )
    const piece = chunk(Buffer.alloc(256 * 1024, 0x20))
    let sent = 0
    while (sent < 1024 * MB && !socket.destroyed) {
      const room = socket.write(piece)
      sent += piece.length
      mostMb = Math.max(mostMb, process.memoryUsage().rss / MB)
      if (!room) await Promise.race([new Promise(resolve => socket.once('drain', resolve)), closed])
    }
    await closed
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('"too_large"')
    expect(sent).toBeLessThan(100 * MB)
    expect(mostMb - startMb).toBeLessThan(100)
  })

  test('an upload that breaks off leaves neither a row nor bytes', async () => {
    const { port, hostname } = new URL(stand.cloud.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      `POST /api/v1/files?category=document HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${stand.token.student}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n%PDF-1.7\n`,
    )
    socket.write(Buffer.alloc(2 * MB, 0x20))
    await expect.poll(() => stand.inStore().length).toBe(before.blobs + 1)
    socket.destroy()
    await expect.poll(there).toEqual(before)
  })
})
