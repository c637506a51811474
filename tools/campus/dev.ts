import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { readSettings } from './settings.ts'

/** `npm run dev`: Vite's hot reload in front of a running cloud, which is brought up first where there is none. */

const ROOT = resolve(import.meta.dirname, '..', '..')

new Command('dev')
  .description(
    'The dashboard, reloading as you edit it, in front of the cloud on GATEHOUSE_HTTP_PORT (started when it is not running).',
  )
  .parse(process.argv.slice(3), { from: 'user' })

const settings = readSettings(process.env, process.cwd())
if ('mistakes' in settings) {
  console.error(settings.mistakes.join('\n'))
  process.exit(1)
}
const cloud = `http://localhost:${settings.httpPort}`
const children: ChildProcess[] = []
const leave = () => {
  for (const child of children) child.kill('SIGTERM')
}
process.on('SIGTERM', leave).on('SIGINT', leave).on('disconnect', leave)

if (!(await isUp(cloud))) children.push(spawnNode([join(ROOT, 'tools/campus/main.ts'), 'start'], 'ipc'))
children.push(spawnNode([join(ROOT, 'node_modules/vite/bin/vite.js'), join(ROOT, 'dashboard')], 'ignore'))
// One of them ended: the other is of no use alone.
await Promise.race(children.map(child => once(child, 'exit')))
leave()
await Promise.all(children.map(child => child.exitCode === null && child.signalCode === null && once(child, 'exit')))
process.disconnect?.()

function spawnNode(args: readonly string[], channel: 'ipc' | 'ignore'): ChildProcess {
  return spawn(process.execPath, args, {
    stdio: ['inherit', 'inherit', 'inherit', channel],
    env: { ...process.env, GATEHOUSE_DEV_TARGET: cloud },
  })
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}
