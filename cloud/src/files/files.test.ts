import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../db/connect.ts'
import { inSchool } from '../db/school.ts'
import { beginRotation, rotateDataKey } from '../keys/rotate-data-keys.ts'
import { enterTestSchool } from '../testing/cloud.ts'
import { onBothEngines } from '../testing/database.ts'
import { type FilesStand, filesStand, type Told } from './testing/files-stand.ts'
import { halves, smallPdf, turnedPhoto } from './testing/pictures.ts'

const NOBODY = '019a0000-0000-7000-8000-000000000000'

onBothEngines('files', engine => {
  let database: Database
  let stand: FilesStand
  let photo: Buffer
  beforeAll(async () => {
    database = await engine.fresh()
    stand = await filesStand(database)
    photo = await turnedPhoto(1200, 900)
  })
  afterAll(async () => {
    await stand[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: string, path: string, body?: unknown, as: keyof FilesStand['token'] = 'student') =>
    stand.cloud.call(method, `/api/v1${path}`, { token: stand.token[as], ...(body !== undefined && { body }) })
  const uploaded = async (bytes: Uint8Array, told: Told = {}): Promise<string> => {
    const said = await stand.upload(bytes, told)
    expect([said.status, said.body.message]).toEqual([201, 'Done.'])
    return said.body.data.id
  }
  const settled = async (bytes: Uint8Array, told: Told = {}) => {
    const id = await uploaded(bytes, told)
    await stand.work()
    return (await call('GET', `/files/${id}`, undefined, 'school_admin')).body.data
  }
  const linkOf = async (fileId: string, variant: string, as: keyof FilesStand['token'] = 'student') => {
    const said = await call('POST', `/files/${fileId}/links`, { variant }, as)
    expect(said.status).toBe(201)
    return stand.cloud.url + said.body.data.path
  }
  const logged = (subjectId: string) =>
    inSchool(database.db, stand.school.schoolId, async tx =>
      (await tx.selectFrom('audit_log').select(['action', 'by_kind']).where('subject_id', '=', subjectId).execute())
        .map(({ action, by_kind }) => `${action} ${by_kind}`)
        .toSorted(),
    )

  test('a document comes back as it was handed in, and lies encrypted in the store', async () => {
    const pdf = smallPdf({ extra: '% what nobody but its reader sees\n' })
    const said = await stand.upload(pdf, { name: 'Zeugnis.pdf' })
    expect(said.status).toBe(201)
    expect(said.body.data).toMatchObject({
      category: 'document',
      state: 'waiting',
      scan: 'waiting',
      refusal: null,
      name: 'Zeugnis.pdf',
      mediaType: 'application/pdf',
      bytes: pdf.length,
      sha256: createHash('sha256').update(pdf).digest('hex'),
      studentId: stand.studentId,
      variants: [],
    })
    const { id } = said.body.data
    expect((await call('POST', `/files/${id}/links`, { variant: 'original' })).body.error.code).toBe('not_ready')
    await stand.work()
    const file = (await call('GET', `/files/${id}`)).body.data
    expect(file).toMatchObject({ state: 'ready', scan: 'none' })
    expect(file.variants).toEqual([{ variant: 'original', mediaType: 'application/pdf', bytes: pdf.length }])
    const got = await fetch(await linkOf(id, 'original'))
    expect(got.status).toBe(200)
    expect(Buffer.from(await got.arrayBuffer())).toEqual(pdf)
    const { storage_name } = await stand.row(id)
    for (const path of stand.inStore()) {
      expect(path).not.toContain('Zeugnis')
      expect(readFileSync(path).includes('what nobody but its reader sees')).toBe(false)
    }
    expect(stand.inStore().filter(path => path.replaceAll('/', '').endsWith(storage_name))).toHaveLength(1)
    expect(await logged(id)).toEqual([
      'file.create user',
      'file.link user',
      'file.open nobody',
      'file.read user',
      'file.settle job',
    ])
  })

  test('a photo is turned upright, made to fit, and nothing of what the camera wrote stays', async () => {
    expect((await sharp(photo).metadata()).exif).toBeDefined()
    const file = await settled(photo, { category: 'photo', name: 'ich.jpg' })
    expect(file.state).toBe('ready')
    expect(file.variants.map(({ variant }: { variant: string }) => variant)).toEqual(['photo', 'thumbnail'])
    const got = Buffer.from(await (await fetch(await linkOf(file.id, 'photo'))).arrayBuffer())
    const { width, height, format, exif, orientation } = await sharp(got).metadata()
    expect({ width, height, format, exif, orientation }).toEqual({
      width: 600,
      height: 800,
      format: 'jpeg',
      exif: undefined,
      orientation: undefined,
    })
    // Turned a quarter to the right: what was left is on top.
    const pixel = async (left: number, top: number) =>
      [...(await sharp(got).extract({ left, top, width: 1, height: 1 }).raw().toBuffer())].map(one => one > 128)
    expect(await pixel(300, 100)).toEqual([true, false, false])
    expect(await pixel(300, 700)).toEqual([false, false, true])
    const thumbnail = Buffer.from(await (await fetch(await linkOf(file.id, 'thumbnail'))).arrayBuffer())
    expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 120, height: 160, format: 'jpeg' })
    // What came is gone: it said where it was taken.
    const name = (await stand.row(file.id)).storage_name
    const kept = stand.inStore().filter(path => path.replaceAll('/', '').includes(name))
    expect(kept.map(path => path.split('.').at(-1)).toSorted()).toEqual(['photo', 'thumbnail'])
    expect((await call('POST', `/files/${file.id}/links`, { variant: 'original' })).body.error.code).toBe(
      'no_such_variant',
    )
  })

  test('a small photo is not enlarged, and one with see-through parts becomes a JPEG too', async () => {
    const small = await sharp({ create: { width: 90, height: 60, channels: 4, background: '#00ff0080' } })
      .webp()
      .toBuffer()
    const file = await settled(small, { category: 'photo' })
    const got = Buffer.from(await (await fetch(await linkOf(file.id, 'photo'))).arrayBuffer())
    expect(await sharp(got).metadata()).toMatchObject({ width: 90, height: 60, format: 'jpeg' })
  })

  test('who waits for a file is told once, in the transaction that settles it', async () => {
    const id = await uploaded(await halves(30, 20).png().toBuffer())
    await stand.work()
    const { rows } = await database.asOwner(async owner => ({
      rows: await owner.rows<{ body: unknown }>(
        `select body from outbox where kind = 'file.settled' and body->>'fileId' = $1`,
        [id],
      ),
    }))
    expect(rows).toEqual([{ body: { fileId: id } }])
  })

  test('a link serves ranges, by HEAD too, and says what browsers must keep to', async () => {
    const pdf = smallPdf({ extra: `% ${'x'.repeat(200_000)}\n` })
    const { id } = await settled(pdf, { name: 'Ärzte "Brief".pdf' })
    const url = await linkOf(id, 'original')
    const part = async (range: string, more: Record<string, string> = {}) => {
      const got = await fetch(url, { headers: { range, ...more } })
      return [got.status, got.headers.get('content-range'), Buffer.from(await got.arrayBuffer())] as const
    }
    const n = pdf.length
    expect(await part('bytes=0-9')).toEqual([206, `bytes 0-9/${n}`, pdf.subarray(0, 10)])
    expect(await part('bytes=65530-65545')).toEqual([206, `bytes 65530-65545/${n}`, pdf.subarray(65530, 65546)])
    expect(await part('bytes=200000-')).toEqual([206, `bytes 200000-${n - 1}/${n}`, pdf.subarray(200_000)])
    expect(await part('bytes=-20')).toEqual([206, `bytes ${n - 20}-${n - 1}/${n}`, pdf.subarray(-20)])
    expect((await part(`bytes=${n}-`)).slice(0, 2)).toEqual([416, `bytes */${n}`])
    expect((await part('bytes=-0')).slice(0, 2)).toEqual([416, `bytes */${n}`])
    for (const whole of ['bytes=0-1,5-6', 'bytes=9-3', 'lines=1-2', 'bytes=-']) {
      expect((await part(whole)).slice(0, 2)).toEqual([200, null])
    }
    expect((await part('bytes=0-9', { 'if-range': '"other"' }))[0]).toBe(200)
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const told = Object.fromEntries(head.headers)
    expect(told).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(n),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `attachment; filename="_rzte _Brief_.pdf"; filename*=UTF-8''%C3%84rzte%20_Brief_.pdf`,
    })
    expect(told['cache-control']).toContain('no-store')
    const again = await fetch(url, { headers: { 'if-none-match': told.etag! } })
    expect(again.status).toBe(304)
    expect((await part('bytes=0-9', { 'if-range': told.etag! }))[0]).toBe(206)
    // Each held against the description of the API.
    for (const [status, headers] of [
      [206, { range: 'bytes=0-9' }],
      [304, { 'if-none-match': told.etag! }],
      [416, { range: `bytes=${n}-` }],
    ] as const) {
      expect((await stand.cloud.call('GET', new URL(url).pathname, { headers })).status).toBe(status)
    }
    // However often it was used: one look.
    expect((await logged(id)).filter(one => one === 'file.open nobody')).toHaveLength(1)
  })

  test('a link that was made up, changed, or whose time is over opens nothing', async () => {
    const { id } = await settled(await halves(40, 40).png().toBuffer())
    const url = await linkOf(id, 'original')
    const [school, file, variant, until, seal] = url.split('/').at(-1)!.split('.') as [string, ...string[]]
    const other = (await settled(smallPdf())).id
    const made = [
      [school, other, variant, until, seal],
      [school, file, 'thumbnail', until, seal],
      [school, file, variant, String(Number(until) + 60), seal],
      [NOBODY, file, variant, until, seal],
      [school, file, variant, until, seal!.replace(/.$/, last => (last === '0' ? '1' : '0'))],
      [school, file, variant, until],
      ['..', '..', '..'],
    ]
    for (const link of made) {
      const got = await fetch(`${stand.cloud.url}/api/v1/files/blob/${link.join('.')}`)
      expect([link, got.status]).toEqual([link, 404])
    }
    expect((await fetch(url)).status).toBe(200)
    const { clock } = stand.cloud
    const before = clock.nowMs
    try {
      clock.nowMs = Number(until) * 1000 - 1
      expect((await fetch(url)).status).toBe(200)
      clock.nowMs = Number(until) * 1000
      expect((await fetch(url)).status).toBe(404)
    } finally {
      clock.nowMs = before
    }
    expect(Number(until) * 1000 - before).toBeLessThanOrEqual(5 * 60_000)
  })

  test('students see and remove what is theirs and nothing else; another school sees nothing', async () => {
    const mine = await uploaded(smallPdf())
    const admins = await uploaded(smallPdf(), { as: 'school_admin' })
    const forStudent = await uploaded(smallPdf(), { as: 'staff', studentId: stand.studentId })
    await stand.work()
    expect((await call('GET', `/files/${mine}`)).status).toBe(200)
    expect((await call('GET', `/files/${forStudent}`)).status).toBe(200)
    expect((await call('GET', `/files/${admins}`)).status).toBe(404)
    expect((await call('POST', `/files/${admins}/links`, { variant: 'original' })).status).toBe(404)
    expect((await call('DELETE', `/files/${admins}`)).status).toBe(404)
    const own = (await call('GET', '/files?limit=100')).body.data.map(({ id }: { id: string }) => id)
    expect(own).toEqual(expect.arrayContaining([mine, forStudent]))
    expect(own).not.toContain(admins)
    const said = await stand.upload(smallPdf(), { as: 'student', studentId: NOBODY })
    expect([said.status, said.body.error.code]).toEqual([403, 'not_yours'])
    expect((await stand.upload(smallPdf(), { as: 'staff', studentId: NOBODY })).status).toBe(404)
    expect((await call('GET', `/files/${mine}`, undefined, 'security')).status).toBe(403)

    const other = await enterTestSchool(database, stand.cloud.vault)
    const token = await stand.cloud.signIn(other, 'school_admin')
    for (const [method, path, body] of [
      ['GET', `/files/${mine}`, undefined],
      ['POST', `/files/${mine}/links`, { variant: 'original' }],
      ['DELETE', `/files/${mine}`, undefined],
      ['PUT', `/students/${stand.studentId}/photo`, { fileId: null }],
    ] as const) {
      const answer = await stand.cloud.call(method, `/api/v1${path}`, { token, ...(body && { body }) })
      expect([method, path, answer.status]).toEqual([method, path, 404])
    }
    expect((await stand.cloud.call('GET', '/api/v1/files', { token })).body.data).toEqual([])
  })

  test('a removed file is seen by nobody at once, and its bytes and key go', async () => {
    const { id } = await settled(smallPdf())
    const url = await linkOf(id, 'original')
    const { storage_name } = await stand.row(id)
    expect((await call('DELETE', `/files/${id}`)).status).toBe(200)
    expect((await fetch(url)).status).toBe(404)
    expect((await call('GET', `/files/${id}`)).status).toBe(404)
    await stand.work()
    const row = await stand.row(id)
    expect(row.sealed_key).toBe(null)
    expect(row.bytes_gone_at).not.toBe(null)
    expect(stand.inStore().filter(path => path.replaceAll('/', '').includes(storage_name))).toEqual([])
  })

  test('what has no room is not taken, and leaves nothing', async () => {
    const limits = (await call('GET', '/file-limits', undefined, 'school_admin')).body.data
    expect(limits).toMatchObject({ version: 0, schoolBytesMax: 50_000_000_000, ownerBytesMax: 100_000_000 })
    const put = (body: object) => call('PUT', '/file-limits', body, 'school_admin')
    const before = stand.inStore().length
    const pdf = smallPdf()
    const mineNow = (await call('GET', '/files?limit=100')).body.data.length
    try {
      expect((await put({ schoolBytesMax: limits.schoolBytes + pdf.length - 1, ownerBytesMax: 10 ** 9 })).status).toBe(
        200,
      )
      const school = await stand.upload(pdf)
      expect([school.status, school.body.error.code, school.body.message]).toEqual([
        409,
        'quota_full',
        expect.stringContaining('The school’s room'),
      ])
      await put({ schoolBytesMax: 10 ** 12, ownerBytesMax: 1 })
      const owner = await stand.upload(pdf)
      expect([owner.status, owner.body.message]).toEqual([409, expect.stringContaining('of this person')])
      await put({ schoolBytesMax: limits.schoolBytes + pdf.length, ownerBytesMax: 10 ** 9 })
      expect((await stand.upload(pdf)).status).toBe(201)
    } finally {
      await put({ schoolBytesMax: 10 ** 12, ownerBytesMax: 10 ** 9 })
    }
    expect((await call('GET', '/files?limit=100')).body.data.length).toBe(mineNow + 1)
    expect(stand.inStore().length).toBe(before + 1)
    const stale = await stand.cloud.call('PUT', '/api/v1/file-limits', {
      token: stand.token.school_admin,
      body: { schoolBytesMax: 1, ownerBytesMax: 1 },
      headers: { 'if-match': '"1"' },
    })
    expect(stale.status).toBe(409)
  })

  test('a guard sees the photo of a student, and only a ready photo of theirs can be it', async () => {
    const { id } = await settled(photo, { category: 'photo' })
    const document = (await settled(await halves(20, 20).png().toBuffer())).id
    const staffs = await uploaded(photo, { as: 'staff', category: 'photo' })
    await stand.work()
    const path = `/students/${stand.studentId}/photo`
    expect((await call('GET', path, undefined, 'security')).body.error.code).toBe('no_photo')
    for (const fileId of [document, staffs, NOBODY]) {
      const said = await call('PUT', path, { fileId }, 'staff')
      expect([said.status, said.body.error.code]).toEqual([422, 'no_such_photo'])
    }
    expect((await call('PUT', path, { fileId: id }, 'staff')).status).toBe(200)
    const said = await call('GET', path, undefined, 'security')
    expect(said.body.data.fileId).toBe(id)
    const got = await fetch(stand.cloud.url + said.body.data.thumbnail.path)
    expect([got.status, got.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
    expect(got.headers.get('content-disposition')).toMatch(/^inline/)
    expect((await call('DELETE', `/files/${id}`)).status).toBe(200)
    expect((await call('GET', path, undefined, 'security')).body.error.code).toBe('no_photo')
  })

  test('what was handed in before a new data key opens after it', async () => {
    const { id } = await settled(smallPdf())
    const { schoolId } = stand.school
    const { vault, jobs } = stand.cloud
    const before = (await stand.row(id)).sealed_key
    const actor = { schoolId, userId: null, nowMs: Date.now() }
    await inSchool(database.db, schoolId, tx => beginRotation(tx, { vault, jobs }, actor))
    await rotateDataKey({ db: database.db, vault, nowMs: Date.now })({
      id: NOBODY,
      schoolId,
      body: { number: 2 },
      signal: new AbortController().signal,
      progress: async () => {},
    })
    expect((await stand.row(id)).sealed_key).not.toBe(before)
    expect((await fetch(await linkOf(id, 'original'))).status).toBe(200)
  })
})
