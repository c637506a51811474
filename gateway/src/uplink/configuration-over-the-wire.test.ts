import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import { COMMAND_TYP } from '@gatehouse/shared/command/command.ts'
import { CONFIGURATION_TRIAL_S, GATE_CONFIGURATION_TYP } from '@gatehouse/shared/command/gate-configuration.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import type { BundleKey } from '@gatehouse/shared/list/documents.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { ReportedConfiguration } from '@gatehouse/shared/wire/messages.ts'
import { describe, expect, test } from 'vitest'
import { configurationPath } from '../configuration/kept-configuration.ts'
import { cardKeyOf } from '../core/card-key.ts'
import { type FakeCloud, fakeCloud } from '../testing/fake-cloud.ts'
import { heldClock } from '../testing/held-clock.ts'
import { startProgram } from '../testing/program.ts'
import { protocolVectors } from '../testing/protocol-vectors.ts'
import { sealBundle, testBundle, testRoots } from '../testing/roots.ts'
import { type GateFiles, gateFiles, type RunningGate, runGate, schoolClock } from '../testing/running-gate.ts'
import { NOW_S, passRow, testSchool } from '../testing/school.ts'

const school = testSchool()
const LISTED = fromHex(protocolVectors.rdm6300[0]!.frame)!
const ON = protocolVectors.lcus.on1!.toLowerCase()
const OFF = protocolVectors.lcus.off1!.toLowerCase()
/** Nobody listens there. */
const NOWHERE = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const

type Hardware = Pick<HardwareConfig, 'boards' | 'lanes'>

async function place() {
  const cloud = await fakeCloud(school)
  const files = await gateFiles(cloud.identity)
  const { boards, lanes } = files.config
  const clock = heldClock(schoolClock(), CONFIGURATION_TRIAL_S * 1_000)
  const following = { ...files, config: { ...files.config, boards: [], lanes: [] } }
  const run = () => runGate(following, cloud.identity, { clock, up: [] })
  return { cloud, files, wired: { boards, lanes }, clock, run, following }
}

/** A gate that runs by version 1. */
async function configured() {
  const at = await place()
  const gate = await at.run()
  await at.cloud.publishConfiguration(await signed(1, at.wired))
  await gate.says('configuration.in_force {"version":1')
  await reports(at.cloud, { version: 1 })
  return { ...at, gate }
}

const signed = (version: number, { boards, lanes }: Hardware, change: object = {}, typ = GATE_CONFIGURATION_TYP) => {
  const { gateId: gate, tenant } = school.identity()
  return school.seal(typ, 'command', { tenant, gate, version, issuedAtMs: 1, boards, lanes, ...change })
}
const pulsed = ({ boards, lanes }: Hardware, pulseMs: number): Hardware => ({
  boards,
  lanes: lanes.map(lane => ({ ...lane, door: { ...lane.door, pulseMs } })),
})
const withReader = ({ boards, lanes }: Hardware, at: number, change: object): Hardware => ({
  boards,
  lanes: lanes.map(lane => ({
    ...lane,
    readers: lane.readers.map((reader, index) => (index === at ? { ...reader, ...change } : reader)),
  })),
})
const reports = (cloud: FakeCloud, expected: Partial<ReportedConfiguration>) =>
  cloud.until(() => {
    const { config } = cloud.states.at(-1) ?? {}
    return config !== undefined && Object.entries(expected).every(([name, value]) => config[name as never] === value)
  })
let lists = 0
const opens = async (cloud: FakeCloud, gate: RunningGate, { card, door }: GateFiles) => {
  const bits = '01000734e0'
  const secret = Buffer.from(cloud.identity.cardSecret, 'base64url')
  const key = cardKeyOf(secret, { technology: 'em4100', bitCount: 40, bits })
  await cloud.publishList({ cards: [[key, passRow().passId]], version: ++lists })
  await gate.event(({ kind, details }) => kind === 'list' && details?.version !== undefined)
  await card.send(LISTED)
  await gate.event(({ kind }) => kind === 'granted')
  await door.hears(ON + OFF)
}
const refusals = (gate: RunningGate) =>
  gate.events.flatMap(({ record: { kind, details } }) =>
    kind === 'config' && details?.refused !== undefined ? [details] : [],
  )
const isRefusal = ({ kind, details }: ChainedEvent['record']) => kind === 'config' && details?.refused !== undefined

describe('a gate without lanes in its file', () => {
  test('says that nothing describes it, runs by what the school has signed, and again after a restart without it', async () => {
    const { cloud, files, wired, run } = await place()
    const gate = await run()
    await reports(cloud, { source: 'none' })
    await cloud.publishConfiguration(await signed(1, wired))
    await reports(cloud, { source: 'cloud', version: 1 })
    expect(cloud.states.at(-1)!.config).not.toHaveProperty('problem')
    await opens(cloud, gate, files)
    await gate.stop()

    await cloud.goAway()
    const again = await run()
    await again.says('reader.up {"lane":"main","reader":"card"}')
    await again.says('door.up')
    expect(await again.event(({ kind }) => kind === 'config')).toMatchObject({ details: { version: 1 } })
  })

  test('takes a new pulse: the door is made safe, and the next one through has it', async () => {
    const { cloud, gate, files, wired } = await configured()
    const before = files.door.heard()
    await cloud.publishConfiguration(await signed(2, pulsed(wired, 400)))
    await reports(cloud, { version: 2 })
    // At the end of the old lanes and at the beginning of the new.
    expect(files.door.heard()).toBe(before + OFF + OFF)
    await opens(cloud, gate, files)
    expect(refusals(gate)).toEqual([])
  })

  test('stops nothing for a new version of the same lanes', async () => {
    const { cloud, gate, files, wired } = await configured()
    const before = files.door.heard()
    await cloud.publishConfiguration(await signed(2, wired))
    await reports(cloud, { version: 2 })
    expect(files.door.heard()).toBe(before)
    expect(gate.log.filter(line => line.includes('reader.up'))).toHaveLength(2)
  })
})

describe('what is refused is said once, and the lanes go on', () => {
  test.each<[string, (wired: Hardware) => Promise<string>, RegExp, object]>([
    ['of another gate', wired => signed(2, wired, { gate: 'gate-south-1' }), /other_gate/, { version: 2 }],
    ['of another school', wired => signed(2, wired, { tenant: 'elsewhere' }), /other_gate/, { version: 2 }],
    ['signed as a command', wired => signed(2, wired, {}, COMMAND_TYP), /wrong_type/, {}],
    [
      'signed by another use of a key',
      wired => school.seal(GATE_CONFIGURATION_TYP, 'list', { ...wired, version: 2 }),
      /unknown_key/,
      {},
    ],
    [
      'whose signature is another’s',
      async wired => `${(await signed(2, wired)).slice(0, -80)}${(await signed(3, wired)).slice(-80)}`,
      /bad_signature/,
      {},
    ],
    ['that is noise', async () => 'noise', /malformed/, {}],
    ['that is too long', async () => 'x'.repeat(200_001), /malformed/, {}],
    [
      'with two mistakes',
      ({ boards, lanes }) =>
        signed(2, { boards, lanes: lanes.map(lane => ({ ...lane, name: '', door: { ...lane.door, pulseMs: 1 } })) }),
      /lanes\[0\]\.name: .*; lanes\[0\]\.door\.pulseMs: /,
      { version: 2 },
    ],
  ])('one %s', async (_what, make, problem, details) => {
    const { cloud, gate, files, wired } = await configured()
    const jws = await make(wired)
    await cloud.publishConfiguration(jws)
    await gate.event(isRefusal)
    await cloud.publishConfiguration(jws)
    await cloud.until(() => problem.test(cloud.states.at(-1)?.config?.problem ?? ''))
    expect(cloud.states.at(-1)!.config).toMatchObject({ source: 'cloud', version: 1 })
    await opens(cloud, gate, files)
    expect(refusals(gate)).toEqual([{ ...details, refused: expect.stringMatching(problem) }])
  })

  test('an older one that the network kept, also after a restart; the right one again clears it', async () => {
    const { cloud, gate, wired, run } = await configured()
    const second = await signed(2, pulsed(wired, 300))
    await cloud.publishConfiguration(second)
    await reports(cloud, { version: 2 })
    const first = await signed(1, wired)
    await cloud.publishConfiguration(first)
    await reports(cloud, { version: 2, refusedVersion: 1 })
    await gate.stop()
    const again = await run()
    await again.event(isRefusal)
    expect(refusals(again)).toEqual([{ version: 1, refused: expect.stringContaining('older_version') }])
    await cloud.publishConfiguration(second)
    await cloud.until(() => cloud.states.at(-1)?.config?.refusedVersion === undefined)
    expect(cloud.states.at(-1)!.config).toMatchObject({ version: 2 })
  })

  test('a lost file brings nothing older back, and the highest again', async () => {
    const { cloud, gate, wired, run, files } = await configured()
    const second = await signed(2, pulsed(wired, 300))
    await cloud.publishConfiguration(second)
    await reports(cloud, { version: 2 })
    await gate.stop()
    rmSync(configurationPath(files.config.data))
    await cloud.publishConfiguration(await signed(1, wired))
    await run()
    await reports(cloud, { source: 'none', refusedVersion: 1 })
    await cloud.publishConfiguration(second)
    await reports(cloud, { source: 'cloud', version: 2 })
  })
})

test('one by a key that this gate does not know yet is taken as soon as the roots have signed for that key', async () => {
  const { cloud, files, wired, following } = await place()
  const roots = testRoots(school.tenant)
  const first = testBundle(school, roots)
  const second = generateKeyPairSync('ed25519')
  const kid = `${school.tenant}/command/2`
  const jwk = second.publicKey.export({ format: 'jwk' }) as BundleKey['jwk']
  const added = { ...first.keys.find(({ use }) => use === 'command')!, kid, jwk }
  const identity = { ...cloud.identity, roots: await sealBundle(first, roots.slice(0, 2)) }
  const gate = await runGate(following, identity, { up: [] })
  const { gateId, tenant } = identity
  const said = { tenant, gate: gateId, version: 1, issuedAtMs: 1, ...wired }
  await cloud.publishConfiguration(
    await school.seal(GATE_CONFIGURATION_TYP, 'command', said, { kid }, second.privateKey),
  )
  expect(await gate.event(isRefusal)).toMatchObject({ details: { refused: expect.stringContaining('unknown_key') } })
  const next = { ...first, version: 2, issuedAtS: NOW_S - 60, keys: [...first.keys, added] }
  await cloud.publishTrust([await sealBundle(next, roots.slice(0, 2))])
  await reports(cloud, { source: 'cloud', version: 1 })
  expect(cloud.states.at(-1)!.config).not.toHaveProperty('problem')
  await opens(cloud, gate, files)
})

describe('one whose lanes do not come up', () => {
  test('gives way to the last good one after its time, says which device, and is not tried again', async () => {
    const { cloud, gate, files, wired, clock, run } = await configured()
    const bad = await signed(2, withReader(pulsed(wired, 200), 1, { port: NOWHERE }))
    await cloud.publishConfiguration(bad)
    await gate.says('reader.down {"lane":"main","reader":"qr"')
    expect(refusals(gate)).toEqual([])
    await clock.release()
    await reports(cloud, { version: 1, refusedVersion: 2 })
    const { problem } = cloud.states.at(-1)!.config!
    expect(problem).toMatch(/^not up within 30 s: reader qr of lane main: .*127\.0\.0\.1:1/)
    await opens(cloud, gate, files)
    expect(refusals(gate)).toMatchObject([{ version: 2, refused: problem }])

    await gate.stop()
    const again = await run()
    await again.says('cloud.connected')
    await reports(cloud, { version: 1, refusedVersion: 2, problem: problem! })
    await opens(cloud, again, files)
    expect(again.log.filter(line => line.includes('configuration.trying'))).toEqual([])
  })

  test('stays in time, and is in force, when the last of its devices comes up', async () => {
    const { cloud, gate, files, wired } = await configured()
    const { port } = files.qr
    await cloud.publishConfiguration(await signed(2, withReader(wired, 1, { aimId: true, port })))
    await reports(cloud, { version: 2 })
    expect(refusals(gate)).toEqual([])
  })

  test('is not held against for what did not answer before', async () => {
    const { cloud, gate, files, wired } = await configured()
    await files.qr.close()
    await gate.says('reader.down {"lane":"main","reader":"qr"')
    await cloud.publishConfiguration(await signed(2, pulsed(wired, 300)))
    await reports(cloud, { version: 2 })
  })

  test('stays where there was none before, and says what is not right', async () => {
    const { cloud, wired, run, clock, files } = await place()
    const gate = await run()
    await cloud.publishConfiguration(await signed(1, withReader(wired, 1, { port: NOWHERE })))
    await gate.says('reader.down {"lane":"main","reader":"qr"')
    await clock.release()
    await reports(cloud, { source: 'cloud', version: 1 })
    expect(cloud.states.at(-1)!.config!.problem).toContain('reader qr of lane main')
    await opens(cloud, gate, files)
  })

  test('is tried anew when the gate was told to stop within the trial', async () => {
    const { cloud, gate, wired, run, clock } = await configured()
    await cloud.publishConfiguration(await signed(2, withReader(wired, 1, { port: NOWHERE })))
    await gate.says('reader.down {"lane":"main","reader":"qr"')
    await gate.stop()
    const again = await run()
    await again.says('configuration.trying {"version":2}')
    await clock.release()
    await reports(cloud, { version: 1, refusedVersion: 2 })
  })
})

test('killed while a new one is on trial: the last good one runs after the start, and the new one is not tried again', async () => {
  const { cloud, wired, files } = await place()
  const { identity, data } = files.config
  writeFileSync(identity, JSON.stringify(cloud.identity))
  writeFileSync(join(files.folder, 'cloud-led.json'), JSON.stringify({ identity, data }))
  const start = () => startProgram(['gateway', 'run', '--config', join(files.folder, 'cloud-led.json')])
  const first = start()
  await cloud.publishConfiguration(await signed(1, wired))
  await first.line('configuration.in_force', 'err')
  await cloud.publishConfiguration(await signed(2, withReader(wired, 1, { port: NOWHERE })))
  await first.line('"version":2,"event":"configuration.trying"', 'err')
  first.child.kill('SIGKILL')
  await first.ended

  const second = start()
  expect(await second.line('configuration.refused', 'err')).toMatch(
    /"version":2,"problem":"the gate ended while it was tried"/,
  )
  await second.line('door.up', 'err')
  await second.line('cloud.connected', 'err')
  await reports(cloud, { version: 1, refusedVersion: 2 })
})

test('lanes in the gate’s own file override the cloud, and it says so', async () => {
  const cloud = await fakeCloud(school)
  const files = await gateFiles(cloud.identity)
  const gate = await runGate(files, cloud.identity)
  await cloud.publishConfiguration(await signed(7, pulsed(files.config, 300)))
  await opens(cloud, gate, files)
  expect(cloud.states.at(-1)!.config).toEqual({ source: 'file', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect(gate.log.filter(line => line.includes('configuration.'))).toEqual([])
})
