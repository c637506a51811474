import { accessSync, constants, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Programs beyond npm that tests and the demo use where they are found, and the Debian package that brings each.
 */
const PROGRAMS = {
  chromium: { debian: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'] },
  cc: { debian: 'gcc', names: ['cc', 'gcc'] },
  clamd: { debian: 'clamav-daemon', names: ['clamd'] },
  curl: { debian: 'curl', names: ['curl'] },
  jq: { debian: 'jq', names: ['jq'] },
  psql: { debian: 'postgresql-client', names: ['psql'] },
  mosquitto: { debian: 'mosquitto', names: ['mosquitto'] },
  mosquitto_sub: { debian: 'mosquitto-clients', names: ['mosquitto_sub'] },
  pgbouncer: { debian: 'pgbouncer', names: ['pgbouncer'] },
  postgres: { debian: 'postgresql', names: ['postgres'] },
  'redis-server': { debian: 'redis-server', names: ['redis-server'] },
  setpriv: { debian: 'util-linux', names: ['setpriv'] },
  script: { debian: 'bsdutils', names: ['script'] },
  socat: { debian: 'socat', names: ['socat'] },
} as const

export type Program = keyof typeof PROGRAMS

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
