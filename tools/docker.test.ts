import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../cloud/src/testing/free-port.ts'

/** No engine is needed: the files are read as an engine reads them, and the commands in them are run as they stand. */

const ROOT = resolve(import.meta.dirname, '..')
type Step = { readonly word: string; readonly rest: string }
type Stage = { readonly from: string; readonly name: string; readonly steps: readonly Step[] }

const stages = readDockerfile(join(ROOT, 'docker/Dockerfile'))
const stage = (name: string) => stages.find(one => one.name === name)!
const compose = parse(readFileSync(join(ROOT, 'docker/compose.yml'), 'utf8')) as Compose

type Compose = {
  readonly services: Record<
    string,
    {
      readonly image?: string
      readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string }
      readonly ports?: readonly string[]
      readonly volumes?: readonly string[]
      readonly command?: readonly string[]
    }
  >
}

describe('the Dockerfile', () => {
  test('has the two images', () => {
    expect(stages.map(({ name }) => name)).toEqual(expect.arrayContaining(['cloud', 'gateway']))
  })

  test('begins each stage with the slim Node 24 or with an earlier stage', () => {
    const names = stages.map(({ name }) => name)
    for (const [at, { from }] of stages.entries()) expect(['node:24-slim', ...names.slice(0, at)]).toContain(from)
  })

  test('copies only what is there', () => {
    for (const { steps } of stages) {
      for (const { rest } of steps.filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))) {
        for (const source of rest.split(/\s+/).slice(0, -1)) expect(existsSync(join(ROOT, source)), source).toBe(true)
      }
    }
  })

  test.each(['cloud', 'gateway'])('%s runs as nobody’s root, and starts a file that is there', name => {
    const { steps } = stage(name)
    expect(steps.filter(({ word }) => word === 'USER').map(({ rest }) => rest)).toEqual(['1001'])
    const file = commandOf(name).find(word => word.endsWith('.ts'))
    expect(existsSync(join(ROOT, file!))).toBe(true)
    expect(steps.findIndex(({ word }) => word === 'USER')).toBeLessThan(steps.findIndex(({ word }) => word === 'CMD'))
  })

  test('installs nothing that runs a script of its own', () => {
    const installs = stages
      .flatMap(({ steps }) => steps)
      .filter(({ word, rest }) => word === 'RUN' && rest.includes('npm '))
    expect(installs).toHaveLength(3)
    for (const { rest } of installs) expect(rest).toMatch(/^npm ci .*--ignore-scripts/)
  })
})

describe('the compose file', () => {
  test('has PostgreSQL, Redis, Mosquitto, the cloud and a gate', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['postgres', 'redis', 'mosquitto', 'cloud', 'gate']),
    )
  })

  test('builds targets that the Dockerfile has', () => {
    for (const { build } of Object.values(compose.services))
      if (build) expect(stages.map(({ name }) => name)).toContain(build.target)
  })

  test('listens on this machine only', () => {
    for (const { ports } of Object.values(compose.services))
      for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('mounts only files that are there', () => {
    for (const { volumes } of Object.values(compose.services)) {
      for (const source of (volumes ?? [])
        .map(volume => volume.split(':')[0]!)
        .filter(source => source.startsWith('.'))) {
        expect(existsSync(join(ROOT, 'docker', source)), source).toBe(true)
      }
    }
  })
})

// These install from the registry, as a build does; a machine without a network still runs all other tests.
describe.runIf(process.env.GATEHOUSE_REQUIRE_ALL === '1')('the images’ own commands', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-image-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('the cloud’s installs, starts and answers', async () => {
    const app = build('cloud', join(folder, 'cloud'))
    const port = await freePort()
    const [, ...args] = commandOf('cloud')
    const cloud = spawn(process.execPath, args, {
      cwd: app,
      env: {
        ...process.env,
        GATEHOUSE_DATA: join(folder, 'data'),
        GATEHOUSE_HTTP_PORT: String(port),
        GATEHOUSE_MQTT_PORT: String(await freePort()),
        GATEHOUSE_DASHBOARD: app,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    try {
      await answers(`http://127.0.0.1:${port}/api/health/ready`, cloud)
    } finally {
      const ended = once(cloud, 'exit')
      cloud.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
    }
  })

  test('the gateway’s installs, and checks a configuration', () => {
    const app = build('gateway', join(folder, 'gateway'))
    const [, entry] = commandOf('gateway')
    const gatehouse = (...args: string[]) =>
      execFileSync(process.execPath, [entry!, ...args], { cwd: app, encoding: 'utf8' })
    writeFileSync(join(folder, 'cards.csv'), 'card\n01000734E0\n')
    gatehouse('list', 'make', join(folder, 'cards.csv'), '--gate', 'north', '--out', join(folder, 'north'))
    const config = JSON.parse(readFileSync(join(ROOT, 'docker/gate/gate.json'), 'utf8')) as object
    const file = join(folder, 'gate.json')
    writeFileSync(file, JSON.stringify({ ...config, identity: join(folder, 'north', 'identity.json') }))
    const told = gatehouse('gateway', 'check', '--config', file)
    expect(told).toMatch(/door modbus-flash on 127\.0\.0\.1:7003/)
  })

  /** What the stage of packages and the stage of the image would leave in /app, without the dashboard. */
  function build(name: string, app: string): string {
    mkdirSync(app, { recursive: true })
    for (const { rest } of copies('manifests')) copyInto(app, rest)
    const install = stage(`${name}-packages`).steps.find(({ word }) => word === 'RUN')!.rest
    execFileSync('sh', ['-c', install], {
      cwd: app,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    })
    for (const { rest } of copies(name)) copyInto(app, rest)
    return app
  }

  function copyInto(app: string, rest: string): void {
    const [...sources] = rest.split(/\s+/)
    const target = sources.pop()!
    for (const source of sources) {
      const to =
        target.endsWith('/') && !source.endsWith('/') ? join(app, target, source.split('/').at(-1)!) : join(app, target)
      cpSync(join(ROOT, source), to, { recursive: true, filter: path => !path.includes('node_modules') })
    }
  }

  function copies(name: string): readonly Step[] {
    return stage(name).steps.filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
  }
})

function commandOf(name: string): string[] {
  return JSON.parse(stage(name).steps.find(({ word }) => word === 'CMD')!.rest) as string[]
}

function readDockerfile(path: string): Stage[] {
  const lines = readFileSync(path, 'utf8').replace(/\\\n/g, ' ').split('\n')
  const read: { from: string; name: string; steps: Step[] }[] = []
  for (const line of lines.filter(line => line.trim() !== '' && !line.startsWith('#'))) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line)!
    if (word === 'FROM') {
      const [, from, name] = /^(\S+) AS (\S+)$/.exec(rest!)!
      read.push({ from: from!, name: name!, steps: [] })
    } else read.at(-1)!.steps.push({ word: word!, rest: rest!.trim() })
  }
  return read
}

async function answers(url: string, child: { exitCode: number | null }): Promise<void> {
  const deadline = Date.now() + 90_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the cloud ended with ${child.exitCode}`)
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) return
    if (Date.now() > deadline) throw new Error('the cloud did not become ready')
    await new Promise(done => setTimeout(done, 100))
  }
}
