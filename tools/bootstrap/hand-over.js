import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from './install.js'
import { runtime } from './runtime.js'
import { help, WORDS } from './words.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Installs what is missing, then becomes the pinned Node running the room that owns the word. */
export async function handOver(args) {
  const word = args[0]
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    process.stdout.write(help())
    process.exit(word === undefined ? 2 : 0)
  }
  const room = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
  if (room === undefined) {
    process.stderr.write(`There is no word "${word}". ./gatehouse --help shows those there are.\n`)
    process.exit(2)
  }

  await install(ROOT)
  const node = runtime(ROOT)
  const child = spawn(node, [...(room.flags ?? []), join(ROOT, room.entry), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, GATEHOUSE_ROOT: ROOT },
  })
  // A terminal's Ctrl-C reaches the child by itself; a supervisor's SIGTERM reaches only us. When we are killed
  // outright the channel closes, and the child takes that as its SIGTERM.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('error', problem => {
    process.stderr.write(`Gatehouse could not start its Node (${node}): ${problem.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + (signal === 'SIGINT' ? 2 : 15)))
}
