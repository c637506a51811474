import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import { ACK_TYP } from '@gatehouse/shared/events/batch.ts'
import { eventHash, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { cardKeyOf } from '../core/card-key.ts'
import { openJournal } from '../store/journal.ts'
import { sha256 } from '../store/sha256.ts'
import { eventFacts } from '../testing/event-facts.ts'
import { type FakeCloud, fakeCloud } from '../testing/fake-cloud.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { gateFiles, runGate } from '../testing/running-gate.ts'
import { passRow, type TestListChange, testSchool } from '../testing/school.ts'

const school = testSchool()
const LISTED = fromHex(protocolVectors.rdm6300[0]!.frame)!
const OTHER = fromHex(protocolVectors.rdm6300[1]!.frame)!

const snapshot = (change: TestListChange = {}): TestListChange => {
  const secret = Buffer.from(school.identity().cardSecret, 'base64url')
  const key = cardKeyOf(secret, { technology: 'em4100', bitCount: 40, bits: '01000734e0' })
  return { cards: [[key, passRow().passId]], ...change }
}

async function up(cloud: FakeCloud, files?: Awaited<ReturnType<typeof gateFiles>>) {
  const used = files ?? (await gateFiles(cloud.identity))
  const gate = await runGate(used, cloud.identity)
  /** How many events the gate still keeps. */
  const kept = () => {
    const db = new Sqlite(join(used.config.data, 'journal.db'), { readonly: true })
    const count = db.prepare<[], number>('select count(*) from event').pluck().get()!
    db.close()
    return count
  }
  return { files: used, gate, kept }
}

function holdsWithoutGap(stored: ReadonlyMap<number, ChainedEvent>): void {
  let previous = FIRST_PREVIOUS
  for (let sequence = 1; sequence <= stored.size; sequence++) {
    const event = stored.get(sequence)!
    expect(event.previous).toBe(previous)
    expect(event.hash).toBe(eventHash(sha256, previous, event.record))
    previous = event.hash
  }
}

const listInForce = (version: number) => (record: ChainedEvent['record']) =>
  record.kind === 'list' && record.details?.version === version

describe('events', () => {
  test('go to the cloud as they happen, signed, and are forgotten once it has them', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate, kept } = await up(cloud)
    await files.card.send(LISTED)
    await gate.event(({ kind }) => kind === 'refused')
    await cloud.until(() => cloud.stored.size === 3)
    holdsWithoutGap(cloud.stored)
    expect([...cloud.stored.values()].map(({ record }) => record.kind)).toEqual(['boot', 'config', 'refused'])
    await expect.poll(kept).toBe(0)
  })

  test('are all there after the broker was away, each once and in order', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate, kept } = await up(cloud)
    await cloud.publishList(snapshot())
    await cloud.until(() => cloud.stored.size === 3)
    await cloud.goAway()
    await gate.says('cloud.away')
    for (let scan = 0; scan < 10; scan++) {
      await files.qr.send(`${school.pass({ serial: 1_000 + scan })}\r\n`)
      await gate.event(({ kind }) => kind === 'granted')
    }
    expect(cloud.stored.size).toBe(3)
    await cloud.comeBack()
    await cloud.until(() => cloud.stored.size === 13)
    holdsWithoutGap(cloud.stored)
    await expect.poll(kept).toBe(0)
  })

  test('a backlog of thousands goes in batches that a broker takes, none lost', async () => {
    const cloud = await fakeCloud(school)
    const files = await gateFiles(cloud.identity)
    mkdirSync(files.config.data)
    const journal = openJournal({ path: join(files.config.data, 'journal.db'), gate: cloud.identity.gateId })
    for (let event = 0; event < 2_000; event++) journal.append(eventFacts({ details: { note: 'x'.repeat(400) } }))
    journal.close()
    const { kept } = await up(cloud, files)
    await cloud.until(() => cloud.stored.size === 2_002)
    holdsWithoutGap(cloud.stored)
    // 250 events of this length would be beyond 180 kB.
    expect(cloud.batches).toBeGreaterThan(8)
    await expect.poll(kept).toBe(0)
  })

  test('stored and not acknowledged are kept, and sent again on the next line', async () => {
    const cloud = await fakeCloud(school)
    cloud.acking = false
    const { gate, kept } = await up(cloud)
    await cloud.until(() => cloud.stored.size === 2)
    expect(kept()).toBe(2)
    const before = cloud.batches
    await cloud.goAway()
    await gate.says('cloud.away')
    cloud.acking = true
    await cloud.comeBack()
    await cloud.until(() => cloud.batches > before)
    await expect.poll(kept).toBe(0)
  })

  test.each<[string, (cloud: FakeCloud, stranger: ReturnType<typeof testSchool>) => FakeCloud['ackWith'], string]>([
    [
      'signed by nobody we know',
      (cloud, stranger) => (sequence, hash) =>
        stranger.seal(ACK_TYP, 'ack', { gate: cloud.identity.gateId, sequence, hash }),
      'bad_signature',
    ],
    [
      'signed with the list’s key',
      cloud => (sequence, hash) => school.seal(ACK_TYP, 'list', { gate: cloud.identity.gateId, sequence, hash }),
      'unknown_key',
    ],
    [
      'of another type',
      cloud => (sequence, hash) => school.seal('gh-head+1', 'ack', { gate: cloud.identity.gateId, sequence, hash }),
      'wrong_type',
    ],
    [
      'for another gate',
      () => (sequence, hash) => school.seal(ACK_TYP, 'ack', { gate: 'gate-south-1', sequence, hash }),
      'malformed',
    ],
    [
      'with another hash',
      cloud => sequence => school.seal(ACK_TYP, 'ack', { gate: cloud.identity.gateId, sequence, hash: 'a'.repeat(64) }),
      'fork',
    ],
    [
      'for what was never written',
      cloud => (_sequence, hash) => school.seal(ACK_TYP, 'ack', { gate: cloud.identity.gateId, sequence: 99, hash }),
      'ahead',
    ],
    ['that is noise', () => async () => 'noise', 'malformed'],
  ])('an ack %s deletes nothing, and the log says why', async (_what, ackWith, failure) => {
    const cloud = await fakeCloud(school)
    cloud.ackWith = ackWith(cloud, testSchool())
    const { gate, kept } = await up(cloud)
    await gate.says(`ack.refused {"failure":"${failure}"`)
    expect(kept()).toBe(2)
  })
})

describe('lists', () => {
  test('a new list is fetched with the gate’s own login, put in force and written down', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate } = await up(cloud)
    await cloud.publishList(snapshot({ version: 3 }))
    expect(await gate.event(listInForce(3))).toMatchObject({ listVersion: 3 })
    await files.card.send(LISTED)
    expect(await gate.event(({ kind }) => kind === 'granted')).toMatchObject({ listVersion: 3 })
  })

  test('a revocation refuses the next tap', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate } = await up(cloud)
    await cloud.publishList(snapshot({ version: 1 }))
    await gate.event(listInForce(1))
    await files.card.send(LISTED)
    await gate.event(({ kind }) => kind === 'granted')
    await cloud.publishList(snapshot({ version: 2, passes: [passRow({ status: 'revoked' })] }))
    await gate.event(listInForce(2))
    // Another card in between, so that this is a new presentation and not a card that lies there.
    await files.card.send(OTHER)
    await gate.event(({ kind }) => kind === 'refused')
    await files.card.send(LISTED)
    expect(await gate.event(({ kind }) => kind === 'refused')).toMatchObject({ decision: { refusal: 'revoked' } })
  })

  test('tampered with on the way is not put in force; the right one is, when it comes', async () => {
    const cloud = await fakeCloud(school)
    const { gate } = await up(cloud)
    await cloud.publishList(snapshot({ version: 1 }))
    await gate.event(listInForce(1))
    cloud.onTheWay = file => Uint8Array.from(file, (byte, at) => (at === file.length - 1 ? byte ^ 1 : byte))
    await cloud.publishList(snapshot({ version: 2, passes: [passRow({ status: 'lost' })] }))
    expect(await gate.event(({ details }) => details?.refused !== undefined)).toMatchObject({
      kind: 'list',
      listVersion: 1,
      details: { refused: 'wrong_file' },
    })
    cloud.onTheWay = file => file
    expect(await gate.event(listInForce(2))).toMatchObject({ listVersion: 2 })
  })

  test.each<[string, (older: string) => Promise<string>, string, string]>([
    ['signed by nobody we know', async () => testSchool().signHead(snapshot({ version: 9 })), 'bad_signature', 'list'],
    [
      'of another school',
      async () => school.signHead(snapshot({ version: 9, issuer: 'other-campus' })),
      'other_tenant',
      'list',
    ],
    ['of an older version', async () => school.signHead(snapshot({ version: 4 })), 'older_version', 'list'],
    [
      'of the version in force with another list',
      async () => school.signHead(snapshot({ version: 5, passes: [] })),
      'equivocation',
      'alarm',
    ],
  ])('a head %s is refused once, and the list in force stays', async (_what, head, failure, kind) => {
    const cloud = await fakeCloud(school)
    const { files, gate } = await up(cloud)
    await cloud.publishList(snapshot({ version: 5 }))
    await gate.event(listInForce(5))
    const refused = await head('')
    await cloud.publishHead(refused)
    await cloud.publishHead(refused)
    expect(await gate.event(({ details }) => details?.refused !== undefined)).toMatchObject({
      kind,
      listVersion: 5,
      details: { refused: failure },
    })
    await files.card.send(LISTED)
    expect(await gate.event(({ kind }) => kind === 'granted')).toMatchObject({ listVersion: 5 })
    expect(gate.events.filter(({ record }) => record.details?.refused !== undefined)).toHaveLength(1)
  })
})

describe('the state of a gate', () => {
  test('is told on connecting and when it changes, and taken back on leaving', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate } = await up(cloud)
    await cloud.until(() => cloud.states.some(({ lanes }) => lanes?.[0]?.readers.every(({ up }) => up) === true))
    expect(cloud.states.at(-1)).toMatchObject({
      online: true,
      listVersion: 0,
      clockQuality: 'unconfirmed',
      lanes: [{ lane: 'main', door: { up: true, pulse: 'software-timed' } }],
    })
    await files.card.close()
    await cloud.until(() => cloud.states.at(-1)?.lanes?.[0]?.readers[0]?.up === false)
    expect(cloud.states.at(-1)?.lanes?.[0]?.readers[0]?.problem).toMatch(
      /no serial server at|the line closed by itself/,
    )
    await gate.stop()
    await cloud.until(() => cloud.states.at(-1)?.online === false)
  })

  test('a gate whose line is cut is said to be away by its last will', async () => {
    const cloud = await fakeCloud(school)
    await up(cloud)
    await cloud.until(() => cloud.states.length > 0)
    const cut = cloud.until(() => cloud.states.some(({ online }) => !online))
    await cloud.goAway()
    await cut
  })
})
