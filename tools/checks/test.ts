import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaveParent, run } from './run.ts'

leaveParent()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
const list = join(folder, 'not-run')
try {
  process.exitCode = await run('vitest/vitest.mjs', ['run', ...process.argv.slice(3)], { GATEHOUSE_NOT_RUN_LIST: list })
  const notRun = lines(list)
  if (notRun.length > 0) {
    console.log(`\nNot run here, because a program is missing:\n${notRun.map(line => `  ${line}`).join('\n')}`)
    console.log('Install them to run these too; GATEHOUSE_REQUIRE_ALL=1 makes a missing one a failure.')
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function lines(path: string): string[] {
  try {
    return [...new Set(readFileSync(path, 'utf8').split('\n').filter(Boolean))].sort()
  } catch {
    return []
  }
}
