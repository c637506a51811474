import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import { eventHash, FIRST_PREVIOUS } from '@gatehouse/shared/events/chain.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { codeOf } from '@gatehouse/shared/pass/testing/test-campus.ts'
import Sqlite from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { cardKeyOf } from './core/card-key.ts'
import { withDeadline } from './devices/deadline.ts'
import { sha256 } from './store/sha256.ts'
import { type MakeLine, socatLine, tcpLine } from './testing/far-side.ts'
import { protocolVectors } from './testing/protocol-vectors.ts'
import { gateFiles, runGate } from './testing/running-gate.ts'
import { NOW_S, passRow, type TestListChange, testSchool } from './testing/school.ts'

const school = testSchool()
const identity = school.identity()
const [LISTED, OTHER] = protocolVectors.rdm6300.map(({ frame }) => fromHex(frame)!) as [Uint8Array, Uint8Array]
const ON = protocolVectors.lcus.on1!.toLowerCase()
const OFF = protocolVectors.lcus.off1!.toLowerCase()

const keyOf = (bits: string) =>
  cardKeyOf(Buffer.from(identity.cardSecret, 'base64url'), { technology: 'em4100', bitCount: 40, bits })
const list = (change: TestListChange = {}) =>
  school.signList({ cards: [[keyOf('01000734e0'), passRow().passId]], ...change })

const isGranted = ({ kind }: ChainedEvent['record']) => kind === 'granted'
const isRefused = ({ kind }: ChainedEvent['record']) => kind === 'refused'

/** The kinds in the journal as another program finds them on the disk. */
function journalOf(data: string): string[] {
  const db = new Sqlite(join(data, 'journal.db'), { readonly: true })
  const records = db.prepare<[], string>('select record from event order by sequence').pluck().all()
  db.close()
  return records.map(record => JSON.parse(record).kind)
}

function chainHolds(events: readonly ChainedEvent[]): void {
  let previous = FIRST_PREVIOUS
  for (const [at, event] of events.entries()) {
    expect(event.record.sequence).toBe(at + 1)
    expect(event.previous).toBe(previous)
    expect(event.hash).toBe(eventHash(sha256, previous, event.record))
    previous = event.hash
  }
}

function fromBytesToRelay(line: MakeLine): void {
  test('a card opens the door: its event is on the disk before the relay hears a byte', async () => {
    const files = await gateFiles(identity, { line })
    const gate = await runGate(files, identity, { carriedList: await list() })
    const atRelease = files.door.hears(ON).then(() => journalOf(files.config.data))
    await files.card.send(LISTED)
    expect(await atRelease).toEqual(['boot', 'config', 'granted'])
    await files.door.hears(OFF + ON + OFF)
    expect(files.door.heard()).toBe(OFF + ON + OFF)
    expect(await gate.event(isGranted)).toMatchObject({ passId: passRow().passId, details: { reader: 'card' } })
    chainHolds(gate.events)
  })

  test('a code opens the door, cut in pieces as it comes', async () => {
    const files = await gateFiles(identity, { line })
    const gate = await runGate(files, identity, { carriedList: await list() })
    const digits = school.pass()
    await files.qr.send(digits.slice(0, 100))
    await files.qr.send(`${digits.slice(100)}\r`)
    await files.qr.send('\n')
    expect(await gate.event(isGranted)).toMatchObject({ credential: { technology: 'ghp1', proof: 'proven' } })
    await files.door.hears(OFF + ON + OFF)
  })

  test('a card that lies there opens once', async () => {
    const files = await gateFiles(identity, { line })
    const gate = await runGate(files, identity, { carriedList: await list() })
    for (let repeat = 0; repeat < 5; repeat++) await files.card.send(LISTED)
    await files.card.send(OTHER)
    await gate.event(isRefused)
    expect(gate.events.filter(({ record }) => isGranted(record))).toHaveLength(1)
    await files.door.hears(OFF + ON + OFF)
    expect(files.door.heard()).toBe(OFF + ON + OFF)
  })

  test('garbage, half frames, wrong checksums and 1 MB without an end open nothing, and the next card is read', async () => {
    const files = await gateFiles(identity, { line })
    const gate = await runGate(files, identity, { carriedList: await list() })
    const wrong = Uint8Array.from(LISTED)
    wrong[12]! ^= 1
    for (const bytes of [wrong, LISTED.subarray(0, 7), Buffer.from('\x02garbage\x03'), LISTED.subarray(5)]) {
      await files.card.send(bytes)
    }
    for (let sent = 0; sent < 256; sent++) await files.qr.send('7'.repeat(4_096))
    await files.card.send(LISTED)
    await gate.event(isGranted)
    await files.qr.send(`\r\n${school.pass()}\r\n`)
    await gate.event(isGranted)
    expect(gate.events.map(({ record }) => record.kind)).toEqual(['boot', 'config', 'granted', 'granted'])
    expect(gate.log.some(entry => entry.includes('reader.dropped') && entry.includes('checksum'))).toBe(true)
    // Its relay has no timer, and whoever reads the log should know.
    expect(gate.log.some(entry => entry.includes('door.software-timed'))).toBe(true)
  })

  test('an unknown card and a revoked pass are refused with their word, and the relay hears nothing', async () => {
    const files = await gateFiles(identity, { line })
    const gate = await runGate(files, identity, {
      carriedList: await list({ passes: [passRow({ status: 'revoked' })] }),
    })
    await files.card.send(OTHER)
    expect(await gate.event(isRefused)).toMatchObject({ decision: { refusal: 'unknown_pass' } })
    await files.card.send(LISTED)
    expect(await gate.event(isRefused)).toMatchObject({ decision: { refusal: 'revoked' } })
    await gate.stop()
    expect(files.door.heard().replaceAll(OFF, '')).toBe('')
  })
}

needs('socat')('over real ptys, by serialport', () => fromBytesToRelay(socatLine))
describe('over TCP', () => fromBytesToRelay(tcpLine))

describe('lines that are lost', () => {
  test('a reader that comes back is read, half a frame before is not joined, and nothing opens by it', async () => {
    const files = await gateFiles(identity)
    const gate = await runGate(files, identity, { carriedList: await list() })
    const { port } = files.card
    if (port.kind !== 'tcp') throw new Error('asked for tcp')
    await files.card.send(LISTED.subarray(0, 9))
    await files.card.close()
    await gate.says('reader.down')
    const again = await tcpLine('', `:${port.port}`)
    onTestFinished(() => again.close())
    await gate.says('reader.up {"lane":"main","reader":"card"}')
    await expect
      .poll(async () => {
        await again.send(LISTED.subarray(9))
        await again.send(LISTED)
        return gate.events.filter(({ record }) => isGranted(record)).length
      })
      .toBe(1)
  })

  test('a door that comes back is made safe and does not open for who came while it was away', async () => {
    const files = await gateFiles(identity)
    const gate = await runGate(files, identity, { carriedList: await list() })
    const { port } = files.door
    if (port.kind !== 'tcp') throw new Error('asked for tcp')
    await files.door.close()
    await gate.says('door.down')
    await files.card.send(LISTED)
    expect(await gate.event(({ kind }) => kind === 'alarm')).toMatchObject({
      details: { problem: 'door', failure: 'absent' },
    })
    const again = await tcpLine('', `:${port.port}`)
    onTestFinished(() => again.close())
    await again.hears(OFF)
    await files.card.send(OTHER)
    await gate.event(isRefused)
    expect(again.heard()).toBe(OFF)
  })
})

describe('a list carried by hand', () => {
  test('that was tampered with is refused with the reason, and the one in force stays', async () => {
    const files = await gateFiles(identity)
    const first = await runGate(files, identity, { carriedList: await list() })
    await first.stop()
    const newer = await list({ version: 2, passes: [] })
    const tampered = newer.replace(
      /("head":"[^.]+\.[^.]{50})(.)/,
      (_all, before, one) => before + (one === 'A' ? 'B' : 'A'),
    )
    const gate = await runGate(files, identity, { carriedList: tampered })
    expect(await gate.event(({ kind }) => kind === 'list')).toMatchObject({
      listVersion: 1,
      details: { refused: 'bad_signature' },
    })
    await files.card.send(LISTED)
    expect(await gate.event(isGranted)).toMatchObject({ listVersion: 1 })
    expect(gate.log.some(entry => entry.includes('list.refused') && entry.includes('bad_signature'))).toBe(true)
  })
})

describe('the end of the process', () => {
  const child = async (args: readonly string[], file: string, execArgv: string[] = []) => {
    const process = fork(join(import.meta.dirname, file), args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv,
    })
    let log = ''
    const exited = once(process, 'exit')
    onTestFinished(async () => {
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGKILL')
      await exited
    })
    const says = (words: string) =>
      new Promise<void>((resolve, reject) => {
        process.stderr!.on('data', chunk => {
          log += String(chunk)
          if (log.includes(words)) resolve()
        })
        void exited.then(() => reject(new Error(`ended before it said ${words}: ${log}`)))
      })
    return { process, exited, says }
  }

  test('killed between the commit and the relay: the event stays, nothing opens by it, and the chain goes on', async () => {
    const files = await gateFiles(identity)
    const { exited, says } = await child([files.configPath, await list()], 'testing/killed-at-grant-child.ts')
    await says('ready')
    await files.card.send(LISTED)
    await exited
    expect(journalOf(files.config.data)).toEqual(['boot', 'config', 'granted'])

    const heardBefore = files.door.heard()
    const gate = await runGate(files, identity)
    await files.card.send(OTHER)
    await gate.event(isRefused)
    await gate.stop()
    expect(files.door.heard()).not.toContain(ON)
    expect(files.door.heard().length).toBeGreaterThan(heardBefore.length)
    expect(journalOf(files.config.data)).toEqual(['boot', 'config', 'granted', 'boot', 'config', 'refused'])
    expect(gate.events[0]!.record.sequence).toBe(4)
  })

  test('killed when a moving code had opened: after the restart that code is used, and the phone’s next one opens', async () => {
    const files = await gateFiles(identity)
    const { exited, says } = await child([files.configPath, await list()], 'testing/killed-at-grant-child.ts')
    await says('ready')
    const moving = codeOf.dynamic(school.made())
    await files.qr.send(`${moving}\r\n`)
    await exited

    const gate = await runGate(files, identity)
    await files.qr.send(`${moving}\r\n`)
    expect(await gate.event(isRefused)).toMatchObject({ decision: { refusal: 'replayed' } })
    await files.qr.send(`${codeOf.dynamic(school.made({ tS: NOW_S + 1 }))}\r\n`)
    expect(await gate.event(isGranted)).toMatchObject({ credential: { code: { timeS: NOW_S + 1, replayed: 0 } } })
  })

  /** Something in the process throws where nobody catches it. */
  const FAULTY = encodeURIComponent(`process.on('SIGUSR2', () => { throw new Error('unforeseen') })`)

  test.each([
    ['SIGTERM', 0, child => child.kill('SIGTERM')],
    ['a fault that nobody thought of', 1, child => child.kill('SIGUSR2')],
    [
      'the end of its parent, and of whoever read its log,',
      0,
      child => {
        child.stderr?.destroy()
        child.disconnect()
      },
    ],
  ] as const satisfies [string, number, (child: ChildProcess) => void][])(
    '%s within a pulse: the door is off and the process gone within 3 s',
    async (_what, code, end) => {
      const standalone = { ...identity, cloud: null }
      const files = await gateFiles(standalone, { pulseMs: 30_000 })
      // The real program has the real clock, so its pass is one of today.
      const nowS = Math.floor(Date.now() / 1000)
      const today = passRow({ expiresS: nowS + 3_600 })
      writeFileSync(join(files.folder, 'list.ghl'), await list({ passes: [today], issuedAtS: nowS }))
      const args = ['gateway', 'run', '--config', files.configPath, '--standalone']
      const { process, exited, says } = await child(args, 'cli/main.ts', ['--import', `data:text/javascript,${FAULTY}`])
      await says('reader.up')
      await files.door.hears(OFF)
      await expect
        .poll(
          async () => {
            await files.card.send(LISTED)
            return files.door.heard()
          },
          { timeout: 10_000 },
        )
        .toContain(ON)
      end(process)
      expect(await withDeadline(exited, 3_000, 'stopping')).toEqual([code, null])
      expect(files.door.heard().endsWith(ON + OFF)).toBe(true)
    },
  )
})
