import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Sorry } from './sorry.ts'

/** One old log is kept beside the current one. */
const LOG_BYTES_MAX = 10 * 1024 * 1024
const STOP_MS_MAX = 5_000
const RESTART_PAUSE_MS = { first: 500, max: 15_000 }

export type ChildOptions = {
  /** As people call it: "the cloud", "gate north". */
  readonly name: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
  readonly say: (line: string) => void
}

export type Child = {
  /** The first line on standard output that `isWanted` takes. Throws a sentence with the child's last words when it ends before. */
  firstLine(isWanted: (line: string) => boolean): Promise<string>
  /** Throws when the child ended before it was settled. */
  readonly failed: Promise<never>
  /** From now on the child is started again when it ends by itself. */
  settle(): void
  stop(): Promise<void>
}

/**
 * A process of the campus. Its words go to a log file; it has a channel to us, and takes its closing as SIGTERM, so that
 * nothing is left behind when we are killed.
 */
export function startChild({ name, args, environment, logFile, say }: ChildOptions): Child {
  let stopping = false
  let settled = false
  let pauseMs = RESTART_PAUSE_MS.first
  let process_: ChildProcess
  let again: NodeJS.Timeout | undefined
  const waiting: { isWanted: (line: string) => boolean; resolve: (line: string) => void }[] = []
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch(() => {})

  const run = () => {
    const log = openLog(logFile)
    process_ = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', log, 'ipc'],
      env: { ...process.env, ...environment },
    })
    closeSync(log)
    const started = Date.now()
    process_.on('error', problem => fail(new Sorry(`${name} could not be started: ${problem.message}`)))
    readLines(process_, line => {
      appendTo(logFile, line)
      for (const [at, { isWanted, resolve }] of waiting.entries()) {
        if (!isWanted(line)) continue
        waiting.splice(at, 1)
        resolve(line)
        break
      }
    })
    process_.on('exit', (code, signal) => {
      if (stopping) return
      const why = signal === null ? `ended with ${code}` : `was ended by ${signal}`
      if (!settled) return fail(new Sorry(`${name} ${why}. ${lastWords(logFile)}\nIts log: ${logFile}`))
      if (Date.now() - started > 60_000) pauseMs = RESTART_PAUSE_MS.first
      say(`${name} ${why}; starting it again. Its log: ${logFile}`)
      again = setTimeout(run, pauseMs)
      pauseMs = Math.min(pauseMs * 2, RESTART_PAUSE_MS.max)
    })
  }
  run()

  return {
    failed,
    firstLine: isWanted => Promise.race([failed, new Promise<string>(resolve => waiting.push({ isWanted, resolve }))]),
    settle: () => {
      settled = true
    },
    async stop() {
      stopping = true
      clearTimeout(again)
      if (process_.exitCode !== null || process_.signalCode !== null) return
      const ended = new Promise(resolve => process_.once('exit', resolve))
      process_.kill('SIGTERM')
      const tooLong = setTimeout(() => process_.kill('SIGKILL'), STOP_MS_MAX)
      await ended
      clearTimeout(tooLong)
    },
  }
}

/** Runs a process of the campus to its end; throws a sentence with its last words when it failed. */
export async function runToEnd({ name, args, environment, logFile }: Omit<ChildOptions, 'say'>): Promise<void> {
  const log = openLog(logFile)
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], env: { ...process.env, ...environment } })
  closeSync(log)
  const code = await new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject))
  if (code !== 0) throw new Sorry(`${name} failed. ${lastWords(logFile)}\nIts log: ${logFile}`)
}

function readLines(child: ChildProcess, each: (line: string) => void): void {
  let rest = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) each(line)
  })
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  try {
    if (statSync(path).size > LOG_BYTES_MAX) renameSync(path, `${path}.1`)
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ENOENT') throw problem
  }
  return openSync(path, 'a', 0o600)
}

function appendTo(path: string, line: string): void {
  const log = openLog(path)
  try {
    writeSync(log, `${line}\n`)
  } finally {
    closeSync(log)
  }
}

/** What a child said last that is not a log line of every day. */
function lastWords(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-30)
    const plain = lines.filter(line => line !== '' && !line.startsWith('{') && !/^\s+at /.test(line))
    return plain.at(-1) ?? lines.at(-1) ?? ''
  } catch {
    return ''
  }
}
