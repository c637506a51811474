import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { freePort } from '../../cloud/src/testing/free-port.ts'
import type { Account } from '../campus/cloud-client.ts'
import type { SimulatorEntry } from '../campus/demo-gate.ts'

export const ROOT = resolve(import.meta.dirname, '..', '..')

/** Ports and a folder for one campus that a test brings up. */
export type Ground = {
  readonly data: string
  readonly httpPort: number
  readonly mqttPort: number
  readonly environment: NodeJS.ProcessEnv
}

export async function ground(): Promise<Ground> {
  const data = join(mkdtempSync(join(tmpdir(), 'gatehouse-e2e-')), 'campus')
  const httpPort = await freePort()
  const mqttPort = await freePort()
  return {
    data,
    httpPort,
    mqttPort,
    environment: {
      ...process.env,
      GATEHOUSE_DATA: data,
      GATEHOUSE_HTTP_PORT: String(httpPort),
      GATEHOUSE_MQTT_PORT: String(mqttPort),
    },
  }
}

export function clear({ data }: Ground): void {
  rmSync(resolve(data, '..'), { recursive: true, force: true })
}

export type Campus = {
  readonly process: ChildProcess
  readonly url: string
  /** What it printed until it was ready. */
  readonly said: readonly string[]
  account(role: Role): Account
  accounts(role: Role): readonly Account[]
  simulator(gate: string): SimulatorEntry
}

/** `npm start`, without npm: resolves when the campus says that it is ready, and throws what it said when it does not. */
export async function startCampus({ data, environment }: Ground, ...args: readonly string[]): Promise<Campus> {
  const process = gatehouse(environment, 'start', ...args)
  const said: string[] = []
  process.stderr!.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const url = await new Promise<string>((resolve, reject) => {
    // Read on after the last line, too: a program whose words nobody takes would stand still.
    createInterface({ input: process.stdout! }).on('line', line => {
      said.push(line)
      if (line.includes('begins anew')) resolve(/^Gatehouse is ready: (\S+)$/m.exec(said.join('\n'))![1]!)
    })
    process.once('exit', code => reject(new Error(`the campus ended with ${code}:\n${said.join('\n')}`)))
  })
  const accounts = (role: Role) =>
    readJson<Account[]>(data, 'demo-accounts.json').filter(account => account.role === role)
  return {
    process,
    url,
    said,
    account: role => accounts(role)[0]!,
    accounts,
    simulator: gate => readJson<SimulatorEntry[]>(data, 'simulators.json').find(entry => entry.gate === gate)!,
  }
}

/** Runs a word of `./gatehouse` to its end. */
export async function runWord(
  environment: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<{ code: number; out: string; problem: string }> {
  const child = gatehouse(environment, ...args)
  let out = ''
  let problem = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (problem += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, out, problem }
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code] = (await ended) as [number | null]
  return code
}

function gatehouse(environment: NodeJS.ProcessEnv, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'gatehouse'), ...args], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function readJson<Shape>(...names: string[]): Shape {
  return JSON.parse(readFileSync(join(...names), 'utf8')) as Shape
}
