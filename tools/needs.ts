import { appendFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { find, type Program, packageOf } from './checks/programs.ts'

export { find } from './checks/programs.ts'

/**
 * `describe`, where every program is found. Elsewhere `npm test` lists the tests by name, and with
 * GATEHOUSE_REQUIRE_ALL=1 a missing program is a failure.
 */
export function needs(...programs: readonly Program[]): (name: string, tests: () => void) => void {
  const missing = programs.filter(program => find(program) === null)
  if (missing.length === 0) return describe

  const wanted = missing.map(program => `${program} (Debian: ${packageOf(program)})`).join(', ')
  if (process.env.GATEHOUSE_REQUIRE_ALL === '1') {
    return name => test(`${name}: needs ${wanted}`, () => expect(missing).toEqual([]))
  }
  return (name, tests) => {
    const list = process.env.GATEHOUSE_NOT_RUN_LIST
    if (list !== undefined) appendFileSync(list, `${name}: needs ${wanted}\n`)
    describe.skip(`${name}: needs ${wanted}`, tests)
  }
}
