import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { StartTool } from '../doors/gpio-tools.ts'

/** Of what it says about its end. */
const SAID_CHARS_MAX = 300

/**
 * Starts a program that must not outlive us: setpriv(1) of util-linux has the kernel send it SIGTERM when this process
 * ends in whichever way, also by SIGKILL.
 */
export const startTool: StartTool = (program, args) => {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    said = (said + String(chunk)).slice(0, SAID_CHARS_MAX)
  })
  const ended = new Promise<string>(resolve => {
    child.on('error', error => resolve(error.message))
    child.on('close', (code, signal) => resolve(said.trim() || `${program} ended with ${signal ?? code}`))
  })
  return { lines: createInterface({ input: child.stdout }), ended, end: () => void child.kill('SIGTERM') }
}
