import { readdirSync, readFileSync } from 'node:fs'

/** A tick of the kernel's accounting: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10

/**
 * Processor time used so far by this process and by a server with all it started, ended or not. On a machine with other things to do it says
 * what a rate would be without them.
 */
export function cpuMs(serverPid: number | null): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + (serverPid === null ? 0 : treeMs(serverPid))
}

function treeMs(root: number): number {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => timesOf(name) ?? [])
  const below = (pid: number): number[] => [
    pid,
    ...all.filter(one => one.parent === pid).flatMap(one => below(one.pid)),
  ]
  const pids = new Set(below(root))
  return all.filter(({ pid }) => pids.has(pid)).reduce((sum, one) => sum + one.ticks * TICK_MS, 0)
}

/** proc(5): the name in brackets may hold blanks; after it field 4 is the parent, 14 to 17 its own time and that of ended children. */
function timesOf(pid: string): { pid: number; parent: number; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = fields[11]! + fields[12]! + fields[13]! + fields[14]!
    return { pid: Number(pid), parent: fields[1]!, ticks }
  } catch {
    // It ended meanwhile.
    return null
  }
}
