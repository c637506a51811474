import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import type { CardOffer } from '@gatehouse/shared/wire/api/card-offers.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { AccessLine } from '@gatehouse/shared/wire/messages.ts'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../cloud/src/testing/free-port.ts'
import { startMosquitto } from '../../cloud/src/testing/mosquitto.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { type FarSide, type MakeLine, socatLine, tcpLine } from '../../gateway/src/testing/far-side.ts'
import { type CloudClient, readAccounts, signIn as signInAsFacilities } from '../campus/cloud-client.ts'
import { needs } from '../needs.ts'
import { ROOT, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** Card frames and code lines in, relay frames out, and the row in the database: the gate and the cloud as they are run. */

const UP_MS_MAX = 120_000
const ADA = '0230313030303733344530443203'
const NOBODYS = '0232433046464545313233314603'
const RELAY_ON = 'a00101a2'

type Beside = {
  readonly environment: Record<string, string>
  /** The events of a gate as the database has them, oldest first. */
  rows(gateId: string, guard: Session): Promise<readonly { readonly kind: string; readonly sequence: number }[]>
  stop(): Promise<void>
}

function fromBytesToRow(makeLine: MakeLine, startBeside: (folder: string) => Promise<Beside>): void {
  let folder: string
  let beside: Beside
  let lines: Record<'card' | 'qr' | 'door', FarSide>
  let gateId: string
  let guard: Session
  let office: Session
  const running: ChildProcess[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-bytes-'))
    const data = join(folder, 'cloud')
    mkdirSync(data)
    beside = await startBeside(data)
    const httpPort = await freePort()
    const url = `http://localhost:${httpPort}`
    running.push(
      await started(['cloud/src/cli/main.ts', 'cloud', 'run'], line => line.includes('cloud.ready'), {
        GATEHOUSE_DATA: data,
        GATEHOUSE_DEMO: '1',
        GATEHOUSE_HTTP_PORT: String(httpPort),
        GATEHOUSE_MQTT_PORT: String(await freePort()),
        ...beside.environment,
      }),
    )

    const accounts = readAccounts(join(data, 'demo-accounts.json'))
    const account = (role: string) => accounts.find(one => one.role === role)!
    guard = await signIn(url, account('security'))
    office = await signIn(url, account('school_admin'))
    const facilities = await signInAsFacilities(url, account('facilities'))
    gateId = await enrolNorth(facilities, url)

    lines = {
      card: await makeLine(folder, 'card'),
      qr: await makeLine(folder, 'qr'),
      door: await makeLine(folder, 'door'),
    }
    writeFileSync(join(folder, 'gate', 'gate.json'), JSON.stringify(configuration()))
    running.push(
      await started(
        ['gateway/src/cli/main.ts', 'gateway', 'run', '--config', join(folder, 'gate', 'gate.json')],
        line => line.includes('list.in_force'),
      ),
    )
  }, UP_MS_MAX)

  afterAll(async () => {
    for (const child of running.toReversed()) await stop(child)
    for (const line of Object.values(lines ?? {})) await line.close()
    await beside?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function enrolNorth(facilities: CloudClient, url: string): Promise<string> {
    const north = (await facilities.gates()).find(gate => gate.shortName === 'north')!
    const code = await facilities.enrolmentCode(north.gateId)
    const args = [
      'gateway/src/cli/main.ts',
      'gateway',
      'enrol',
      '--cloud',
      url,
      '--code',
      code,
      '--out',
      join(folder, 'gate'),
    ]
    const enrolling = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
    expect(await once(enrolling, 'exit')).toEqual([0, null])
    return north.gateId
  }

  function configuration() {
    return {
      lanes: [
        {
          lane: 'in',
          name: 'North gate, in',
          direction: 'in',
          groups: [0, 1, 2, 3],
          readers: [
            { family: 'rdm6300', id: 'card', port: lines.card.port },
            { family: 'line', id: 'qr', port: lines.qr.port },
          ],
          door: { family: 'lcus', channel: 1, pulseMs: 200, port: lines.door.port },
        },
      ],
    }
  }

  async function rowsUntil(
    isThere: (kinds: readonly string[]) => boolean,
  ): Promise<readonly { kind: string; sequence: number }[]> {
    const deadline = Date.now() + 30_000
    for (;;) {
      const rows = await beside.rows(gateId, guard)
      if (isThere(rows.map(({ kind }) => kind))) return rows
      if (Date.now() > deadline) throw new Error(`the rows did not come: ${JSON.stringify(rows)}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  async function offered(path: string): Promise<void> {
    const deadline = Date.now() + 30_000
    for (;;) {
      const { data } = await office.call<CardOffer>('GET', path)
      if (data?.state === 'offered') return
      if (Date.now() > deadline) throw new Error(`no card was offered: ${JSON.stringify(data)}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  test('a card frame becomes a relay frame and one row, however often the reader repeats it', {
    timeout: UP_MS_MAX,
  }, async () => {
    const opened = lines.door.hears(RELAY_ON)
    for (let time = 0; time < 3; time++) await lines.card.send(fromHex(ADA)!)
    await opened
    const rows = await rowsUntil(kinds => kinds.includes('granted'))
    expect(rows.filter(({ kind }) => kind === 'granted')).toHaveLength(1)
  })

  test('a line that is no pass is refused in a row, and the relay hears nothing', { timeout: UP_MS_MAX }, async () => {
    const before = lines.door.heard()
    await lines.qr.send('https://example.org/menu\r\n')
    await rowsUntil(kinds => kinds.includes('refused'))
    expect(lines.door.heard().slice(before.length)).not.toContain(RELAY_ON)
  })

  test('a card that is held to an armed reader is offered, goes on a pass, and opens the gate', {
    timeout: UP_MS_MAX,
  }, async () => {
    const before = lines.door.heard()
    const armed = await office.call<{ armingId: string }>('POST', `/gates/${gateId}/readers/card/arming`, {
      lane: 'in',
    })
    expect(armed.status).toBe(202)
    const offer = `/card-offers/${armed.data!.armingId}`
    await rowsUntil(kinds => kinds.includes('command'))
    await lines.card.send(fromHex(NOBODYS)!)
    await offered(offer)
    expect(lines.door.heard().slice(before.length)).not.toContain(RELAY_ON)

    const lists = (kinds: readonly string[]) => kinds.filter(kind => kind === 'list').length
    const [ada] = (await office.call<Pass[]>('GET', '/passes?search=Lovelace&status=active')).data!
    const listsBefore = lists((await beside.rows(gateId, guard)).map(({ kind }) => kind))
    const taken = await office.call('POST', `${offer}/credential`, { passId: ada!.passId })
    expect(taken).toMatchObject({ status: 201, data: { technology: 'em4100', ending: '123' } })
    await rowsUntil(kinds => lists(kinds) > listsBefore)
    // Held again until it opens, as a person would: the list of that event may still be the one before.
    await expect
      .poll(
        async () => {
          await lines.card.send(fromHex(NOBODYS)!)
          return lines.door.heard().slice(before.length)
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain(RELAY_ON)
  })

  test('every sequence is there once, without a gap', { timeout: UP_MS_MAX }, async () => {
    const sequences = (await beside.rows(gateId, guard)).map(({ sequence }) => sequence)
    expect(sequences).toEqual(sequences.map((_, at) => at + 1))
  })
}

const byItself = async (): Promise<Beside> => ({
  environment: {},
  async rows(gateId, guard) {
    const { data } = await guard.call<AccessLine[]>('GET', `/access-events?gateId=${gateId}&limit=100`)
    return data!.map(({ kind, sequence }) => ({ kind, sequence })).toSorted((a, b) => a.sequence - b.sequence)
  },
  stop: async () => {},
})

async function besidePostgresAndMosquitto(folder: string): Promise<Beside> {
  const [postgres, mosquitto] = [await startPostgres(), await startMosquitto(folder)]
  const { url, ownerUrl } = await createDatabase(postgres)
  // As the superuser, whom no policy hides a row from: what is there, and not what may be seen.
  const database = new pg.Client({ connectionString: postgres.url(new URL(url).pathname.slice(1)) })
  await database.connect()
  return {
    environment: {
      DATABASE_URL: url,
      DATABASE_OWNER_URL: ownerUrl,
      MQTT_URL: `mqtts://gatehouse-cloud:a-secret@localhost:${mosquitto.port}`,
      MQTT_CA: join(folder, 'mqtt', 'ca.pem'),
    },
    async rows(gateId) {
      const { rows } = await database.query<{ kind: string; sequence: string }>(
        'select kind, sequence::text from access_events where gate_id = $1 order by access_events.sequence',
        [gateId],
      )
      return rows.map(({ kind, sequence }) => ({ kind, sequence: Number(sequence) }))
    },
    async stop() {
      await database.end()
      await mosquitto.stop()
      await postgres.stop()
    },
  }
}

needs('socat')('over real ptys to the embedded cloud', () => fromBytesToRow(socatLine, byItself))
needs(
  'socat',
  'postgres',
  'mosquitto',
)('over real ptys to PostgreSQL, through Mosquitto', () => fromBytesToRow(socatLine, besidePostgresAndMosquitto))
needs()('over TCP to the embedded cloud', () => fromBytesToRow(tcpLine, byItself))

/** A program of the repository, once it has said a line. */
async function started(
  args: readonly string[],
  isWanted: (line: string) => boolean,
  environment: Record<string, string> = {},
): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (text: string) => {
      said += text
      if (said.split('\n').some(isWanted)) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', code => reject(new Error(`${args.join(' ')} ended with ${code}:\n${said}`)))
  })
  return child
}
