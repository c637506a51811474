import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import type { Command } from '@gatehouse/shared/command/command.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { topics } from '@gatehouse/shared/wire/topics.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cardKeyOf } from '../core/card-key.ts'
import { unknownCardsOf } from '../store/unknown-cards.ts'
import { testEnrolment } from '../testing/enrolment.ts'
import { type FakeCloud, fakeCloud } from '../testing/fake-cloud.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { gateFiles, runGate } from '../testing/running-gate.ts'
import { NOW_S, passRow, testSchool } from '../testing/school.ts'

/** A whole gate at a real broker: what an armed reader sends, and what no gate ever sends. */

const school = testSchool()
const enrolment = testEnrolment(school)
const [LISTED, UNKNOWN] = protocolVectors.rdm6300.map(({ frame }) => fromHex(frame)!) as [Uint8Array, Uint8Array]
const card = { technology: 'em4100', bitCount: 40, bits: protocolVectors.rdm6300[1]!.data.toLowerCase() } as const
const listed = { ...card, bits: protocolVectors.rdm6300[0]!.data.toLowerCase() }
const keyOf = (what: typeof card | typeof listed) =>
  cardKeyOf(Buffer.from(school.identity().cardSecret, 'base64url'), what)

type Record = ChainedEvent['record']
const ofCommand = (which: (details: NonNullable<Record['details']>) => boolean) => (record: Record) =>
  record.kind === 'command' && which(record.details ?? {})
const isObeyed = ofCommand(({ do: what }) => what === 'arm_reader')
const isRefused = ofCommand(({ refused }) => refused !== undefined)
const isRefusal = ({ kind }: Record) => kind === 'refused'

const cardsOf = ({ heard, identity: { tenant, gateId } }: FakeCloud) =>
  heard.filter(({ topic }) => topic === topics.cards(tenant, gateId)).map(({ payload }) => payload)

async function up(cloud: FakeCloud, used?: Awaited<ReturnType<typeof gateFiles>>) {
  const files = used ?? (await gateFiles(cloud.identity))
  const began = performance.now()
  const gate = await runGate(files, cloud.identity)
  await gate.says('cloud.connected')
  const nowMs = () => Math.round(NOW_S * 1_000 + performance.now() - began)
  /** A command of this moment. */
  const order = (change: Partial<Command> = {}, what: Partial<Command['order']> = {}) => {
    // Read once: five seconds and a millisecond are longer than a command may live.
    const issuedAtMs = nowMs()
    return enrolment.command({ issuedAtMs, expiresAtMs: issuedAtMs + 5_000, ...change }, what)
  }
  const arm = async (command = order()) => {
    await cloud.command(await enrolment.sign(command))
    // What became of it, whichever: a refusal is to be read here and not waited out.
    expect((await gate.event(record => isObeyed(record) || isRefused(record))).details).not.toHaveProperty('refused')
    return command
  }
  return { files, gate, order, arm }
}

describe('an armed reader', () => {
  test('sends the next unknown card, sealed, once; the scan is a refusal like any other', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate, arm } = await up(cloud)
    const { id, operator } = await arm()
    await files.card.send(UNKNOWN)
    const scan = await gate.event(isRefusal)
    expect(scan).toMatchObject({ decision: { refusal: 'unknown_pass' }, details: { reader: 'card' } })
    expect(scan.credential).toEqual({ technology: 'em4100', fingerprint: keyOf(card), proof: 'claimed' })
    await cloud.until(() => cardsOf(cloud).length > 0)
    expect(await enrolment.open(cardsOf(cloud)[0]!)).toMatchObject({
      ...card,
      gate: 'gate-north-1',
      lane: 'main',
      reader: 'card',
      command: id,
    })
    expect(gate.events.find(({ record }) => isObeyed(record))?.record).toMatchObject({
      lane: 'main',
      details: { command: id, operator, reader: 'card', reason: 'enrol a card' },
    })

    // It is armed no more: the next unknown card stays here.
    await files.card.send(LISTED)
    await gate.event(isRefusal)
    await cloud.until(() => cloud.stored.size === gate.events.length)
    expect(cardsOf(cloud)).toHaveLength(1)
  })

  test('says of a card that the list knows that it is known, and goes on waiting', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate, arm } = await up(cloud)
    await cloud.publishList({ cards: [[keyOf(listed), passRow().passId]] })
    await gate.event(({ kind }) => kind === 'list')
    const { id } = await arm()
    await files.card.send(LISTED)
    await gate.event(({ kind }) => kind === 'granted')
    expect(await gate.event(ofCommand(({ found }) => found === 'known_card'))).toMatchObject({
      passId: passRow().passId,
      details: { command: id },
    })
    expect(cardsOf(cloud)).toEqual([])
    await files.card.send(UNKNOWN)
    await cloud.until(() => cardsOf(cloud).length === 1)
    expect(await enrolment.open(cardsOf(cloud)[0]!)).toMatchObject(card)
  })

  test('keeps its card while the network is away, and sends it when it is back', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate, arm } = await up(cloud)
    const { id } = await arm()
    await cloud.goAway()
    await gate.says('cloud.away')
    await files.card.send(UNKNOWN)
    await gate.event(ofCommand(({ found }) => found === 'unknown_card'))
    expect(cardsOf(cloud)).toEqual([])
    await cloud.comeBack()
    await cloud.until(() => cardsOf(cloud).length === 1)
    expect(await enrolment.open(cardsOf(cloud)[0]!)).toMatchObject({ ...card, command: id })
  })

  test('is armed no more after a restart, and the same command does not arm it again', async () => {
    const cloud = await fakeCloud(school)
    const first = await up(cloud)
    const command = await first.arm()
    await first.gate.stop()
    const second = await up(cloud, first.files)
    const doorBefore = first.files.door.heard()
    await second.files.card.send(UNKNOWN)
    await second.gate.event(isRefusal)
    await cloud.command(await enrolment.sign(command))
    // Whichever is first: its five seconds are over, or it was obeyed before.
    expect(['replayed', 'expired']).toContain((await second.gate.event(isRefused)).details?.refused)
    await second.files.card.send(LISTED)
    await second.gate.event(isRefusal)
    expect(cardsOf(cloud)).toEqual([])
    expect(second.files.door.heard()).toBe(doorBefore)
  })
})

describe('the end of the process', () => {
  /** The real program, with the real clock. */
  async function start(configPath: string) {
    const program = join(import.meta.dirname, '../cli/main.ts')
    const child = fork(program, ['gateway', 'run', '--config', configPath], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const exited = once(child, 'exit')
    onTestFinished(async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    })
    let log = ''
    const waiting = new Set<() => void>()
    child.stderr!.on('data', chunk => {
      log += String(chunk)
      for (const look of waiting) look()
    })
    const says = (words: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (log.includes(words)) resolve()
        }
        waiting.add(look)
        look()
        void exited.then(() => reject(new Error(`ended before it said ${words}: ${log}`)))
      })
    await says('"cloud.connected"')
    await says('"reader.up"')
    return { child, exited, says }
  }

  test('killed while a reader was armed: nothing is armed any more, nothing opens, nothing leaves', async () => {
    const cloud = await fakeCloud(school)
    const files = await gateFiles(cloud.identity)
    const first = await start(files.configPath)
    const nowMs = Date.now()
    await cloud.command(await enrolment.sign(enrolment.command({ issuedAtMs: nowMs, expiresAtMs: nowMs + 5_000 })))
    await first.says('"command.obeyed"')
    first.child.kill('SIGKILL')
    await first.exited

    const doorBefore = files.door.heard()
    await start(files.configPath)
    const isThere = () => [...cloud.stored.values()].some(({ record }) => record.kind === 'refused')
    const refused = cloud.until(isThere)
    await expect
      .poll(async () => {
        await files.card.send(UNKNOWN)
        return isThere()
      })
      .toBe(true)
    await refused
    expect(cardsOf(cloud)).toEqual([])
    expect(files.door.heard().slice(doorBefore.length)).not.toContain(protocolVectors.lcus.on1!.toLowerCase())
  })
})

describe('a command', () => {
  test.each<[string, Partial<Command>, Partial<Command['order']>, string]>([
    ['for another gate', { gate: 'gate-south-1' }, {}, 'other_gate'],
    ['of another school', { tenant: 'other-campus' }, {}, 'other_gate'],
    ['of ten seconds ago', { issuedAtMs: NOW_S * 1_000 - 10_000, expiresAtMs: NOW_S * 1_000 - 5_000 }, {}, 'expired'],
    [
      'of tomorrow',
      { issuedAtMs: NOW_S * 1_000 + 86_400_000, expiresAtMs: NOW_S * 1_000 + 86_405_000 },
      {},
      'in_the_future',
    ],
    ['for a reader that is not here', {}, { reader: 'other' }, 'no_such_reader'],
    ['for a reader of codes', {}, { reader: 'qr' }, 'no_such_reader'],
    ['for a lane that is not here', {}, { lane: 'out' }, 'no_such_reader'],
  ])('%s is refused in an event, and arms nothing', async (_what, change, what, refused) => {
    const cloud = await fakeCloud(school)
    const { files, gate, order } = await up(cloud)
    const command = order(change, what)
    await cloud.command(await enrolment.sign(command))
    expect((await gate.event(isRefused)).details).toEqual({ command: command.id, refused })
    await files.card.send(UNKNOWN)
    await gate.event(isRefusal)
    await cloud.until(() => cloud.stored.size === gate.events.length)
    expect(cardsOf(cloud)).toEqual([])
  })

  test('said again is obeyed once', async () => {
    const cloud = await fakeCloud(school)
    const { gate, arm } = await up(cloud)
    const command = await arm()
    await cloud.command(await enrolment.sign(command))
    expect((await gate.event(isRefused)).details).toEqual({ command: command.id, refused: 'replayed' })
  })

  test('that the broker had kept is refused', async () => {
    const cloud = await fakeCloud(school)
    const files = await gateFiles(cloud.identity)
    await cloud.command(await enrolment.sign(enrolment.command()), true)
    const { gate } = await up(cloud, files)
    expect((await gate.event(isRefused)).details).toMatchObject({ refused: 'retained' })
  })

  test.each<[string, (command: Command) => Promise<string>, string]>([
    ['signed by nobody we know', command => testEnrolment(testSchool()).sign(command), 'bad_signature'],
    ['signed with the list’s key', command => school.seal('gh-command+1', 'list', command), 'unknown_key'],
    ['of another type', command => school.seal('gh-ack+1', 'command', command), 'wrong_type'],
    ['that is noise', async () => 'noise', 'malformed'],
    ['that is much too long', async () => 'x'.repeat(9_000), 'malformed'],
  ])('%s is logged and no event', async (_what, make, failure) => {
    const cloud = await fakeCloud(school)
    const { gate, order } = await up(cloud)
    const before = gate.events.length
    await cloud.command(await make(order()))
    await gate.says(`command.unsigned {"failure":"${failure}"`)
    expect(gate.events).toHaveLength(before)
  })
})

describe('the number of a card', () => {
  /** What a payload says, and what its base64url parts say. */
  const spoken = (payload: Buffer) =>
    [
      payload,
      ...payload
        .toString('latin1')
        .split('.')
        .map(part => Buffer.from(part, 'base64url')),
    ].map(bytes => bytes.toString('latin1'))
  const spellings = () => {
    const bytes = Buffer.from(card.bits, 'hex')
    // base64 spells three bytes at a time, so a number reads three ways in it.
    const inBase64 = [0, 1, 2].map(shift =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64url')
        .slice(shift === 0 ? 0 : shift + 1, -1),
    )
    return [
      card.bits,
      card.bits.toUpperCase(),
      String(BigInt(`0x${card.bits}`)),
      String(bytes.readUInt32BE(1)),
      bytes.toString('latin1'),
      ...inBase64,
    ]
  }

  test('leaves the gate in no payload, in no spelling: armed or not, known or not', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate, arm } = await up(cloud)
    await files.card.send(UNKNOWN)
    await gate.event(isRefusal)
    await files.card.send(LISTED)
    await gate.event(isRefusal)
    await arm()
    await files.card.send(UNKNOWN)
    await gate.event(isRefusal)
    await cloud.until(() => cardsOf(cloud).length === 1 && cloud.stored.size === gate.events.length)
    await gate.stop()
    const said = cloud.heard.flatMap(({ payload }) => spoken(payload))
    for (const spelling of spellings()) expect(said.filter(text => text.includes(spelling))).toEqual([])
    for (const spelling of spellings()) expect(gate.log.filter(text => text.includes(spelling))).toEqual([])
    // The search finds what is there.
    expect(said.some(text => text.includes(keyOf(card)))).toBe(true)
  })

  test('stays in the gate’s own journal, for who stands at the machine', async () => {
    const cloud = await fakeCloud(school)
    const { files, gate } = await up(cloud)
    await files.card.send(UNKNOWN)
    await gate.event(isRefusal)
    await files.qr.send('https://example.org/menu\r\n')
    await gate.event(isRefusal)
    expect(unknownCardsOf(join(files.config.data, 'journal.db'), 10)).toMatchObject([
      { lane: 'main', reader: 'card', card },
    ])
    const args = [join(import.meta.dirname, '../cli/main.ts'), 'gateway', 'cards', '--config', files.configPath]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(stdout).toContain(`2026-09-01 10:00:`)
    expect(stdout).toMatch(new RegExp(`main +card +em4100 +40 +${card.bits.toUpperCase()}`))
    const inJson = await promisify(execFile)(process.execPath, [...args, '--json'])
    expect(JSON.parse(inJson.stdout)).toMatchObject([{ lane: 'main', reader: 'card', card }])
  })
})
