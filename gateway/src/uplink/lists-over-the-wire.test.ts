import { fromHex } from '@gatehouse/shared/bytes.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { describe, expect, test } from 'vitest'
import { cardKeyOf } from '../core/card-key.ts'
import { type FakeCloud, fakeCloud } from '../testing/fake-cloud.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { gateFiles, runGate } from '../testing/running-gate.ts'
import { NOW_S, passRow, type TestListChange, testSchool } from '../testing/school.ts'

const school = testSchool()
const LISTED = fromHex(protocolVectors.rdm6300[0]!.frame)!
const OTHER = fromHex(protocolVectors.rdm6300[1]!.frame)!
const secret = Buffer.from(school.identity().cardSecret, 'base64url')
const key = cardKeyOf(secret, { technology: 'em4100', bitCount: 40, bits: '01000734e0' })
const list = (change: TestListChange = {}): TestListChange => ({ cards: [[key, passRow().passId]], ...change })
const many = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    passRow({ passId: ((at * 2_654_435_761) >>> 0).toString(16).padStart(8, '0').padEnd(16, '0') }),
  )

type Record = ChainedEvent['record']
const listInForce = (version: number) => (record: Record) =>
  record.kind === 'list' && record.details?.version === version
const isGranted = ({ kind }: Record) => kind === 'granted'
const isRefused = ({ kind }: Record) => kind === 'refused'

/** A gate that follows the list from the start. */
async function following(first: TestListChange = list()) {
  const cloud = await fakeCloud(school)
  const files = await gateFiles(cloud.identity)
  const gate = await runGate(files, cloud.identity)
  await cloud.until(() => cloud.states.length > 0)
  await cloud.publishList(first)
  await gate.event(listInForce(first.version ?? 1))
  cloud.asked.length = 0
  return { cloud, files, gate }
}
const kindsAsked = ({ asked }: FakeCloud) => asked.map(({ what }) => what.split('/')[0])

describe('steps', () => {
  test('a revocation comes as a step, and the next tap is refused', async () => {
    const { cloud, files, gate } = await following()
    await files.card.send(LISTED)
    expect(await gate.event(isGranted)).toMatchObject({ listVersion: 1 })
    await cloud.publishStep({ passes: [passRow({ status: 'revoked' })] })
    await gate.event(listInForce(2))
    expect(cloud.asked).toEqual([{ what: 'deltas/2', from: 0 }])
    // Another card in between, so that this is a new presentation and not a card that lies there.
    await files.card.send(OTHER)
    await gate.event(isRefused)
    await files.card.send(LISTED)
    expect(await gate.event(isRefused)).toMatchObject({ listVersion: 2, decision: { refusal: 'revoked' } })
  })

  test('a gate that was away for three versions takes three steps, each once and in order', async () => {
    const { cloud, gate } = await following()
    await cloud.goAway()
    await gate.says('cloud.away')
    for (const minGeneration of [1, 2, 3]) await cloud.publishStep({ passes: [passRow({ minGeneration })] })
    await cloud.comeBack()
    await gate.event(listInForce(4))
    expect(cloud.asked.map(({ what }) => what)).toEqual(['deltas/2', 'deltas/3', 'deltas/4'])
  })

  test('where the steps are gone it takes the tables', async () => {
    const { cloud, files, gate } = await following()
    await cloud.goAway()
    await gate.says('cloud.away')
    await cloud.publishStep({ passes: [passRow({ minGeneration: 1 })] })
    cloud.forgetDeltas()
    await cloud.publishStep({ passes: [passRow({ status: 'lost' })] })
    await cloud.comeBack()
    await gate.event(listInForce(3))
    expect(kindsAsked(cloud)).toEqual(['deltas', 'files', 'files', 'files', 'files'])
    await files.card.send(LISTED)
    expect(await gate.event(isRefused)).toMatchObject({ listVersion: 3, decision: { refusal: 'revoked' } })
  })

  test('a step that was tampered with is refused, and the list in force stays', async () => {
    const { cloud, files, gate } = await following()
    cloud.onTheWay = file => Uint8Array.from(file, (byte, at) => (at === 200 ? (byte === 65 ? 66 : 65) : byte))
    await cloud.publishStep({ passes: [passRow({ status: 'revoked' })] })
    expect(await gate.event(({ details }) => details?.refused !== undefined)).toMatchObject({
      listVersion: 1,
      details: { refused: expect.stringMatching(/^(bad_signature|malformed)$/) },
    })
    await files.card.send(LISTED)
    expect(await gate.event(isGranted)).toMatchObject({ listVersion: 1 })
  })
})

describe('a download that was cut', () => {
  const cutAt = async (bytes: number, knowsRanges: boolean) => {
    const { cloud, files, gate } = await following()
    cloud.cutAt = bytes
    cloud.knowsRanges = knowsRanges
    await cloud.publishList(list({ version: 9, passes: [...many(5_000), passRow()] }))
    await gate.event(listInForce(9))
    const resumed = cloud.asked.filter(({ from }) => from > 0)
    expect(resumed).toEqual([{ what: expect.stringMatching(/^files\//), from: bytes }])
    expect(cloud.asked.filter(({ what }) => what === resumed[0]!.what)).toHaveLength(2)
    await files.card.send(LISTED)
    expect(await gate.event(isGranted)).toMatchObject({ listVersion: 9 })
  }

  test('goes on where it broke off', () => cutAt(4_000, true))
  test('begins anew where the other side knows no ranges', () => cutAt(4_000, false))
})

describe('the clock', () => {
  test('is confirmed by a head that was signed just now, and by none that the broker had kept', async () => {
    const cloud = await fakeCloud(school)
    await cloud.publishList(list())
    const files = await gateFiles(cloud.identity)
    const gate = await runGate(files, cloud.identity)
    await gate.event(listInForce(1))
    await files.card.send(LISTED)
    expect(await gate.event(isGranted)).toMatchObject({ clockQuality: 'unconfirmed', listIssuedAtS: NOW_S - 60 })

    await cloud.publishList(list({ issuedAtS: NOW_S - 30 }))
    expect(await gate.event(({ kind }) => kind === 'clock')).toMatchObject({ details: { quality: 'confirmed' } })
    await files.card.send(OTHER)
    expect(await gate.event(isRefused)).toMatchObject({ clockQuality: 'confirmed', listIssuedAtS: NOW_S - 30 })
    await cloud.until(() => cloud.states.at(-1)?.clockQuality === 'confirmed')
    expect(cloud.states.at(-1)).toMatchObject({ listVersion: 1, listIssuedAtS: NOW_S - 30 })
  })
})
