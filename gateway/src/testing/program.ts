import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const MAIN = join(import.meta.dirname, '../cli/main.ts')

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** Starts the command as a person would, after `gatehouse`. Ended with the test. */
export function startProgram(args: readonly string[], cwd?: string, input: 'ignore' | 'pipe' = 'ignore') {
  const stdio = [input, 'pipe', 'pipe', 'ipc'] as const
  const child: ChildProcess = fork(MAIN, args, { stdio: [...stdio], ...(cwd ? { cwd } : {}) })
  let out = ''
  let err = ''
  const changed = new EventTarget()
  const tell = () => changed.dispatchEvent(new Event('change'))
  child.stdout!.on('data', chunk => {
    out += String(chunk)
    tell()
  })
  child.stderr!.on('data', chunk => {
    err += String(chunk)
    tell()
  })
  let isOver = false
  // `close` does not come after a `disconnect` of ours, so exit and both streams are waited for.
  const closed = [once(child.stdout!, 'close'), once(child.stderr!, 'close')]
  const ended = Promise.all([once(child, 'exit'), ...closed]).then(([[code]]): Ended => {
    isOver = true
    tell()
    return { code: code as number | null, out, err }
  })
  onTestFinished(async () => {
    if (!isOver) child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    ended,
    out: () => out,
    /** The first line of output that has these words, or of what it says beside it. */
    async line(words: string, where: 'out' | 'err' = 'out'): Promise<string> {
      while (true) {
        const line = (where === 'out' ? out : err)
          .split('\n')
          .slice(0, -1)
          .find(line => line.includes(words))
        if (line !== undefined) return line
        if (isOver) throw new Error(`ended before it said ${words}:\n${out}\n${err}`)
        await once(changed, 'change')
      }
    },
  }
}

export function runToEnd(args: readonly string[], cwd?: string): Promise<Ended> {
  return startProgram(args, cwd).ended
}
