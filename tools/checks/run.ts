import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

/** Runs one of npm's programs on this Node and answers with its exit code. Ctrl-C and SIGTERM reach it. */
export function run(
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', program), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  const stop = () => child.kill('SIGTERM')
  process.once('SIGTERM', stop)
  process.once('disconnect', stop)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => {
      process.off('SIGTERM', stop)
      process.off('disconnect', stop)
      resolve(code ?? 1)
    })
  })
}

/** A parent's channel must not keep a program alive that has finished. */
export function leaveParent(): void {
  process.channel?.unref()
}
