import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { ROOT } from './campus-process.ts'

/** The commands of a guide, by the heading they stand under: what is in fences marked `sh`, in their order. */
export function commandsOf(document: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  let heading = ''
  let block: string[] | null = null
  let isShell = false
  for (const line of readFileSync(join(ROOT, 'docs', document), 'utf8').split('\n')) {
    if (line.startsWith('```')) {
      if (block === null) [block, isShell] = [[], line === '```sh']
      else {
        if (isShell) found.set(heading, [...(found.get(heading) ?? []), block.join('\n')])
        block = null
      }
    } else if (block !== null) block.push(line)
    else if (/^##+ /.test(line)) heading = line.replace(/^#+ /, '')
  }
  return found
}

/** End of transmission: no command of a guide prints it. */
const DONE = '\u0004'

export type Terminal = {
  /** Types commands and waits until they are done; `answers` are typed where they ask. Answers what they printed. */
  type(commands: string, answers?: readonly string[]): Promise<string>
  /** Types a command that goes on, such as a service; resolves with what was printed once `until` is in it. */
  leave(command: string, until: RegExp, answers?: readonly string[]): Promise<string>
  close(): Promise<void>
}

/** A bash as somebody has it before them: one session whose variables stay. A command that fails is thrown with what it printed. */
export function openTerminal(environment: NodeJS.ProcessEnv, folder: string): Terminal {
  // Commands come in by a pipe of their own: the standard input is for what they ask.
  const loop = `set -euo pipefail; while IFS= read -r -d '' commands <&3; do eval "$commands"; printf '\\004'; done`
  const bash: ChildProcess = spawn('bash', ['-c', loop], {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })
  let printed = ''
  let heard = () => {}
  const ended = once(bash, 'close').then(([code]) => code as number | null)
  for (const stream of [bash.stdout!, bash.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      heard()
    })
  }
  /** Types, and answers what was printed once it fits. */
  const until = async (fits: (printed: string) => boolean, commands: string, answers: readonly string[]) => {
    printed = ''
    const said = new Promise<string>(resolve => {
      heard = () => fits(printed) && resolve(printed)
    })
    for (const answer of answers) bash.stdin!.write(`${answer}\n`)
    ;(bash.stdio[3] as Writable).write(`${commands}\0`)
    return Promise.race([
      said,
      ended.then(code => {
        throw new Error(`the shell ended with ${code} in\n${commands}\n\nafter it had printed\n${printed}`)
      }),
    ])
  }
  return {
    async type(commands, answers = []) {
      const said = await until(text => text.endsWith(DONE), commands, answers)
      return said.slice(0, -DONE.length)
    },
    leave: (command, wanted, answers = []) => until(text => wanted.test(text), command, answers),
    async close() {
      if (bash.exitCode === null && bash.signalCode === null) process.kill(-bash.pid!, 'SIGTERM')
      await ended
    },
  }
}
