import { renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { SERVICE_FLAGS } from '../bootstrap/words.js'
import { showReady } from './banner.ts'
import { type Child, startChild } from './child.ts'
import { readAccounts, signIn } from './cloud-client.ts'
import { buildDashboard } from './dashboard.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { type CampusNeeds, type SimulatorEntry, startDemoGate } from './demo-gate.ts'
import { DEMO_HARDWARE, type DemoHardware } from './demo-hardware.ts'
import { mustBeFree } from './free-port.ts'
import { readSettings, type Settings } from './settings.ts'
import { Sorry } from './sorry.ts'

/** A whole campus on one machine: `npm start`. Each part is a process of its own, as it would be in a school. */

const ROOT = resolve(import.meta.dirname, '..', '..')
const READY_MS_MAX = 90_000

const options = new Command('start')
  .description(
    'Bring up a whole campus on this machine: the cloud, a demo school, two gates and their simulated hardware.',
  )
  .option('--reset', 'begin anew: delete what the campus has kept')
  .addOption(
    new Option('--hardware <which>', 'plain, or mixed: what a school may have collected, described by the cloud')
      .choices(Object.keys(DEMO_HARDWARE))
      .default('plain'),
  )
  .addHelpText(
    'after',
    `
Settings, by environment:
  GATEHOUSE_DATA        folder that keeps the campus (.gatehouse)
  GATEHOUSE_HTTP_PORT   dashboard and API (8080)
  GATEHOUSE_MQTT_PORT   broker, TLS (8883)

Examples:
  npm start
  npm start -- --reset
  npm start -- --hardware mixed
  GATEHOUSE_HTTP_PORT=9080 GATEHOUSE_MQTT_PORT=9883 npm start`,
  )
  .parse(process.argv.slice(3), { from: 'user' })
  .opts<{ reset?: boolean; hardware: DemoHardware }>()

const say = (line: string) => console.log(line)
const children: Child[] = []
const leaving = new AbortController()
const leave = () => leaving.abort()
process.on('SIGTERM', leave).on('SIGINT', leave).on('disconnect', leave)

try {
  const settings = readSettings(process.env, process.cwd())
  if ('mistakes' in settings) throw new Sorry(settings.mistakes.join('\n'))
  using folder = openDataFolder(settings.data, { reset: options.reset === true })
  try {
    await Promise.race([bringUp(settings, folder), asked()])
    for (const child of children) child.settle()
    await asked()
  } finally {
    // Doors before the cloud: a gate says its last words to a broker that is still there.
    for (const child of children.toReversed()) await child.stop()
  }
  if (leaving.signal.aborted) say('Gatehouse has stopped.')
} catch (problem) {
  console.error(problem instanceof Sorry ? problem.message : problem)
  process.exitCode = 1
} finally {
  process.disconnect?.()
}

async function bringUp(settings: Settings, folder: DataFolder): Promise<void> {
  const cloudUrl = `http://localhost:${settings.httpPort}`
  await mustBeFree(settings.httpPort, 'GATEHOUSE_HTTP_PORT')
  await mustBeFree(settings.mqttPort, 'GATEHOUSE_MQTT_PORT')
  buildDashboard(ROOT, say)

  say(folder.fresh ? 'Making a campus; the first time takes some seconds ...' : 'Starting the campus ...')
  const simulatorsFile = folder.file('simulators.json')
  const cloud = startCloud(settings, folder, simulatorsFile)
  await Promise.race([cloud.failed, answers(`${cloudUrl}/api/health/ready`)])

  const accounts = readAccounts(folder.file('demo-accounts.json'))
  const facilities = accounts.find(account => account.role === 'facilities')
  if (facilities === undefined) throw new Error('the demo has no facilities account')
  const client = await signIn(cloudUrl, facilities)
  const demo = DEMO_HARDWARE[options.hardware]
  const gates = (await client.gates()).filter(gate => Object.hasOwn(demo, gate.shortName))

  const needs: CampusNeeds = {
    root: ROOT,
    cloudUrl,
    mqttPort: settings.mqttPort,
    file: folder.file,
    say,
    started: child => children.push(child),
  }
  const simulators = await Promise.all(gates.map(gate => startDemoGate(gate, demo[gate.shortName]!, client, needs)))
  writeWhole(simulatorsFile, simulators)
  await Promise.race([...children.map(child => child.failed), allOnline(client, simulators)])
  showReady({ say, url: cloudUrl, accounts, simulators, data: folder.path })
}

function startCloud(settings: Settings, folder: DataFolder, simulatorsFile: string): Child {
  const cloud = startChild({
    name: 'The cloud',
    args: [...SERVICE_FLAGS, resolve(ROOT, 'cloud/src/cli/main.ts'), 'cloud', 'run'],
    environment: {
      GATEHOUSE_DATA: folder.file('cloud'),
      GATEHOUSE_HTTP_PORT: String(settings.httpPort),
      GATEHOUSE_MQTT_PORT: String(settings.mqttPort),
      GATEHOUSE_PUBLIC_URL: `http://localhost:${settings.httpPort}`,
      GATEHOUSE_DEMO: '1',
      GATEHOUSE_DEMO_ACCOUNTS: folder.file('demo-accounts.json'),
      GATEHOUSE_SIMULATORS: simulatorsFile,
    },
    logFile: folder.file('logs', 'cloud.log'),
    say,
  })
  children.push(cloud)
  return cloud
}

async function answers(url: string): Promise<void> {
  await until(
    async () => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok,
    'The cloud did not become ready',
  )
}

async function allOnline(
  client: Awaited<ReturnType<typeof signIn>>,
  simulators: readonly SimulatorEntry[],
): Promise<void> {
  await until(async () => {
    const gates = await client.gates()
    return simulators.every(({ gateId }) => {
      const gate = gates.find(one => one.gateId === gateId)
      return gate?.online === true && gate.listVersion !== null && gate.listVersion > 0
    })
  }, 'The gates did not come online')
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + READY_MS_MAX
  while (Date.now() < deadline) {
    if (await isSo().catch(() => false)) return
    await pause(100, undefined, { signal: leaving.signal })
  }
  throw new Sorry(`${otherwise} within ${READY_MS_MAX / 1000} s. The logs are in the data folder.`)
}

function asked(): Promise<void> {
  return new Promise(resolve => {
    if (leaving.signal.aborted) resolve()
    else leaving.signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Whoever reads the file sees all of it or none. */
function writeWhole(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
