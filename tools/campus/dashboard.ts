import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Sorry } from './sorry.ts'

/** What the built dashboard was built from. */
const PARTS = [
  'dashboard/src',
  'dashboard/public',
  'dashboard/index.html',
  'dashboard/vite.config.ts',
  'shared/src',
  'package-lock.json',
]

/** Builds the dashboard when something it is made of has changed since. */
export function buildDashboard(root: string, say: (line: string) => void): void {
  const stamp = join(root, 'dashboard', 'dist', '.built-from')
  const wanted = digest(root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return

  say('Building the dashboard ...')
  const built = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'],
    {
      cwd: join(root, 'dashboard'),
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  if (built.status !== 0) throw new Sorry('The dashboard could not be built; the reason is above.')
  writeFileSync(stamp, wanted)
}

function digest(root: string): string {
  const hash = createHash('sha256')
  for (const part of PARTS) {
    for (const file of filesUnder(join(root, part)))
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}
