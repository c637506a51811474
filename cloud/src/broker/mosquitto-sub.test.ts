import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { find, needs } from '../../../tools/needs.ts'
import { type MemoryLog, memoryLog } from '../testing/memory-log.ts'
import { type OpenBroker, openBroker } from './open-broker.ts'

needs('mosquitto_sub')('Debian’s mosquitto_sub, as docs/mqtt.md says to call it', () => {
  let folder: string
  let log: MemoryLog
  let broker: OpenBroker
  let endSession: (id: string) => void
  const children: ChildProcess[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-mosquitto-sub-'))
    log = memoryLog()
    broker = await openBroker({
      dataFolder: folder,
      host: '127.0.0.1',
      mqttPort: 0,
      publicUrl: 'http://localhost:8080',
      mqttUrl: null,
      mqttCaFile: null,
      onSessionEnded: heard => {
        endSession = heard
      },
      checkGate: async () => null,
      checkToken: async () => null,
      checkKey: async key =>
        key === 'ghk_good'
          ? { userId: 'u', tenant: 'hillside', role: 'security', endsWith: 'k-1', expiresAtMs: Date.now() + 60_000 }
          : null,
      log,
    })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await broker.close()
    await rm(folder, { recursive: true })
  })

  /** With what it prints, and how it ends. */
  function watch(filter: string, key = 'ghk_good') {
    const address = ['-h', 'localhost', '-p', `${broker.port}`, '--cafile', join(folder, 'mqtt', 'ca.pem')]
    const child = spawn(find('mosquitto_sub')!, [...address, '-u', 'key', '-P', key, '-t', filter, '-v', '-d'])
    children.push(child)
    let said = ''
    const waiting: { text: string; tell: () => void }[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        said += bytes
        for (const { text, tell } of waiting) if (said.includes(text)) tell()
      })
    }
    return {
      says: (text: string) =>
        said.includes(text) ? Promise.resolve() : new Promise<void>(tell => waiting.push({ text, tell })),
      ended: new Promise<number | null>(resolve => child.once('exit', resolve)),
      get said() {
        return said
      },
    }
  }

  test('it watches the feed of its school over TLS, retained gates first', async () => {
    await broker.watchers.publish('feed/hillside/gates', '{"gates":[]}', { retain: true })
    const sub = watch('feed/hillside/#')
    await sub.says('feed/hillside/gates {"gates":[]}')
    await broker.watchers.publish('feed/hillside/access', '{"lines":[]}', { qos: 0 })
    await sub.says('feed/hillside/access {"lines":[]}')
  })

  test('a wider subscription is refused, and the log says the right one', async () => {
    const sub = watch('feed/#')
    await sub.ended
    expect(sub.said).toContain('All subscription requests were denied')
    expect(await log.said('mqtt.subscription_refused')).toEqual({
      userId: 'u',
      filter: 'feed/#',
      right: 'feed/hillside/#',
    })
  })

  test('a key that is none is refused', async () => {
    const sub = watch('feed/hillside/#', 'ghk_bad')
    expect(await sub.ended).not.toBe(0)
    expect(sub.said).toMatch(/bad user name or password/i)
  })

  test('it is cut off when its key ends', async () => {
    await broker.watchers.publish('feed/hillside/gates', '{"gates":[]}', { retain: true })
    await watch('feed/hillside/#').says('{"gates":[]}')
    const gone = log.said('mqtt.disconnected')
    endSession('k-1')
    expect(await gone).toEqual({ userId: 'u' })
  })
})
