import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Breakers, openBreakers } from '../http/breaker.ts'
import type { BlobStore } from './blob-store.ts'
import { diskStore } from './disk-store.ts'
import { s3Store } from './s3-store.ts'

const BUCKET = 'gatehouse-files'
let folder: string
let bucket: S3rver
let s3: BlobStore & Disposable
let breakers: Breakers
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-stores-'))
  bucket = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: join(folder, 'bucket'),
    configureBuckets: [{ name: BUCKET, configs: [] }],
  })
  const { port } = await bucket.run()
  breakers = openBreakers()
  s3 = s3Store({
    settings: {
      bucket: BUCKET,
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
      accessKey: 'S3RVER',
      secretKey: 'S3RVER',
    },
    spool: join(folder, 'spool'),
    guarded: breakers.guarded,
  })
})
afterAll(async () => {
  s3[Symbol.dispose]()
  breakers.close()
  await bucket.close()
  rmSync(folder, { recursive: true, force: true })
})

const newName = (schoolId: string = randomUUID()) => `${schoolId}/${randomBytes(16).toString('hex')}`

async function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

async function read(store: BlobStore, name: string, from: number, length: number): Promise<Buffer | null> {
  const stream = await store.read(name, { from, length })
  if (stream === null) return null
  const all: Uint8Array[] = []
  for await (const piece of stream) all.push(piece)
  return Buffer.concat(all)
}

async function namesOf(store: BlobStore, schoolId: string): Promise<string[]> {
  const names: string[] = []
  for await (const { name, writtenAt } of store.list(schoolId)) {
    expect(Math.abs(writtenAt.getTime() - Date.now())).toBeLessThan(3_600_000)
    names.push(name)
  }
  return names.toSorted()
}

describe.each([
  ['a folder', () => diskStore(join(folder, 'disk')), () => join(folder, 'disk', 'incoming')],
  ['a bucket of a real S3 server', () => s3, () => join(folder, 'spool')],
] as const)('blobs in %s', (_, open, halvesFolder) => {
  test('come out whole and in part, are listed by school, and go', async () => {
    const store = open()
    await store.check()
    const schoolId = randomUUID()
    const name = newName(schoolId)
    const bytes = randomBytes(300_000)
    await store.put(name, pieces(bytes))
    await store.put(`${name}.photo`, pieces(bytes.subarray(0, 10)))
    await store.put(newName(), pieces(bytes.subarray(0, 5)))
    expect(await read(store, name, 0, bytes.length)).toEqual(bytes)
    expect(await read(store, name, 100_000, 1_000)).toEqual(bytes.subarray(100_000, 101_000))
    expect(await namesOf(store, schoolId)).toEqual([name, `${name}.photo`])
    await store.put(name, pieces(bytes.subarray(0, 7)))
    expect(await read(store, name, 0, 7)).toEqual(bytes.subarray(0, 7))
    await store.remove(name)
    await store.remove(name)
    expect(await read(store, name, 0, 7)).toBe(null)
    expect(await namesOf(store, schoolId)).toEqual([`${name}.photo`])
  })

  test('that break off leave nothing, and what was there before stays', async () => {
    const store = open()
    const schoolId = randomUUID()
    const name = newName(schoolId)
    await store.put(name, pieces(Buffer.from('before')))
    const broken = (async function* () {
      yield randomBytes(100_000)
      throw new Error('the line went dead')
    })()
    await expect(store.put(name, broken)).rejects.toThrow('the line went dead')
    const other = (async function* () {
      yield randomBytes(100_000)
      throw new Error('the line went dead')
    })()
    await expect(store.put(newName(schoolId), other)).rejects.toThrow('the line went dead')
    expect(await read(store, name, 0, 6)).toEqual(Buffer.from('before'))
    expect(await namesOf(store, schoolId)).toEqual([name])
    expect(readdirSync(halvesFolder())).toEqual([])
  })

  test('half of one, from a process that was killed, goes after its time and not before', async () => {
    const store = open()
    mkdirSync(halvesFolder(), { recursive: true })
    const [old, young] = ['old', 'young'].map(name => join(halvesFolder(), name)) as [string, string]
    for (const path of [old, young]) writeFileSync(path, 'half')
    utimesSync(old, new Date(0), new Date(0))
    await store.forgetHalves(new Date(Date.now() - 3_600_000))
    expect(readdirSync(halvesFolder())).toEqual(['young'])
    rmSync(young)
  })

  test.each(['../../etc/passwd', `${randomUUID()}/../x`, 'x', '', `${randomUUID()}/${'a'.repeat(32)}.exe`])(
    'a name such as %j reaches no path and no key',
    async name => {
      const store = open()
      await expect(store.put(name, pieces(Buffer.from('x')))).rejects.toThrow('is no name of a blob')
      await expect(read(store, name, 0, 1)).rejects.toThrow('is no name of a blob')
      await expect(store.remove(name)).rejects.toThrow('is no name of a blob')
    },
  )
})

test('a bucket that is not there is said by its check', async () => {
  await using server = await startEmpty()
  const store = s3Store({
    settings: {
      bucket: 'nowhere',
      region: 'us-east-1',
      endpoint: server.url,
      accessKey: 'S3RVER',
      secretKey: 'S3RVER',
    },
    spool: join(folder, 'spool-2'),
    guarded: breakers.guarded,
  })
  await expect(store.check()).rejects.toThrow()
  await expect(store.put(newName(), pieces(Buffer.from('x')))).rejects.toThrow()
  expect(readdirSync(join(folder, 'spool-2'))).toEqual([])
  store[Symbol.dispose]()
})

async function startEmpty(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: join(folder, 'empty'),
    configureBuckets: [],
  })
  const { port } = await server.run()
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server.close() }
}
