import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../cloud/src/testing/free-port.ts'
import { show } from './figures.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

/** `npm start` on a folder that has been started before, to the first page served. Aim: 10 s on 2 cores. */
export async function run(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const environment = {
      ...process.env,
      GATEHOUSE_DATA: join(data, 'campus'),
      GATEHOUSE_HTTP_PORT: String(await freePort()),
      GATEHOUSE_MQTT_PORT: String(await freePort()),
    }
    const cold = await startOnce(environment)
    const warm = [await startOnce(environment), await startOnce(environment), await startOnce(environment)]
    show([
      { name: 'first start, new data folder', figures: `${(cold / 1000).toFixed(1)} s` },
      {
        name: 'warm start to first page (aim: 10 s)',
        figures: warm.map(ms => `${(ms / 1000).toFixed(1)} s`).join(', '),
      },
    ])
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function startOnce(environment: NodeJS.ProcessEnv): Promise<number> {
  const begin = performance.now()
  const campus = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(campus, 'exit')
  try {
    for await (const line of createInterface({ input: campus.stdout })) {
      const url = /^Gatehouse is ready: (\S+)/.exec(line)?.[1]
      if (url === undefined) continue
      const page = await fetch(url)
      if (!page.ok || !(await page.text()).includes('<div id="root"'))
        throw new Error(`the first page answered ${page.status}`)
      return performance.now() - begin
    }
    throw new Error('npm start ended before it was ready')
  } finally {
    campus.kill('SIGTERM')
    await ended
  }
}
