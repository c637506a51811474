import { accessSync, appendFileSync, constants, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * Programs that some tests need beyond npm, and where Debian puts them when it is not on the PATH. `npm test` runs
 * such a test where its programs are found, lists it by name where they are not, and with GATEHOUSE_REQUIRE_ALL=1
 * a missing one is a failure.
 */
const PROGRAMS = {
  chromium: { debian: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'] },
  cc: { debian: 'gcc', names: ['cc', 'gcc'] },
  mosquitto: { debian: 'mosquitto', names: ['mosquitto'] },
  mosquitto_sub: { debian: 'mosquitto-clients', names: ['mosquitto_sub'] },
  postgres: { debian: 'postgresql', names: ['postgres'] },
  'redis-server': { debian: 'redis-server', names: ['redis-server'] },
  script: { debian: 'bsdutils', names: ['script'] },
  socat: { debian: 'socat', names: ['socat'] },
} as const

export type Program = keyof typeof PROGRAMS

export const ALL_PROGRAMS = Object.keys(PROGRAMS) as Program[]

/** The Debian package that brings a program. */
export function packageOf(program: Program): string {
  return PROGRAMS[program].debian
}

/** The absolute path of a program, or null where it is not installed. */
export function find(program: Program): string | null {
  for (const name of PROGRAMS[program].names) {
    for (const folder of folders()) {
      const path = join(folder, name)
      if (isExecutable(path)) return path
    }
  }
  return null
}

/** `describe`, where everything is found; elsewhere the tests are listed as not run, or fail when all are required. */
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

function folders(): string[] {
  const path = (process.env.PATH ?? '').split(':').filter(Boolean)
  return [...path, '/usr/sbin', '/usr/local/sbin', ...postgresFolders()]
}

/** Debian keeps the servers of each PostgreSQL version in a folder of its own, newest last. */
function postgresFolders(): string[] {
  try {
    return readdirSync('/usr/lib/postgresql')
      .sort((a, b) => Number(b) - Number(a))
      .map(version => `/usr/lib/postgresql/${version}/bin`)
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
