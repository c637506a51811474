import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { needs } from '../../../tools/needs.ts'
import { startTool } from './tool.ts'

/** Says its process id and then waits for a signal, as `gpioset` does. */
const HOLDS = ['-c', 'echo $$; exec sleep 1000']

/** Whether it runs; one that has ended and whose parent has not asked yet does not. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

needs('setpriv')('a tool beside us', () => {
  test('is heard line by line, and ends when asked to', async () => {
    const tool = startTool('sh', HOLDS)
    for await (const line of tool.lines) {
      expect(isThere(Number(line))).toBe(true)
      tool.end()
    }
    expect(await tool.ended).toBe('sh ended with SIGTERM')
  })

  test('that cannot be started has ended, with the reason', async () => {
    expect(await startTool('gatehouse-no-such-tool', []).ended).toMatch(/gatehouse-no-such-tool.*No such file/)
  })

  test('ends with us, also when we are killed', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../testing/tool-child.ts'), 'sh', ...HOLDS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(String(said))
    expect(isThere(pid)).toBe(true)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await expect.poll(() => isThere(pid)).toBe(false)
  })
})
