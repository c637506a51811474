/** A program that runs beside us, ends with us, and talks in lines. */
export type Tool = {
  readonly lines: AsyncIterable<string>
  /** Resolves when it has ended, with what it said about that in a few words. */
  readonly ended: Promise<string>
  /** Asks it to end. */
  end(): void
}

/** Starts one of libgpiod's tools. */
export type StartTool = (program: string, args: readonly string[]) => Tool

/** The tools of 1.x (Debian 12) and 2.x take other words and mean other things by the same. */
export type ToolsVersion = 1 | 2

/** What `--version` says: `gpioset (libgpiod) v1.6.3`. Null: another program. */
export function toolsVersion(said: string): ToolsVersion | null {
  const [, major] = /\(libgpiod\) v([12])\./.exec(said) ?? []
  return major === undefined ? null : major === '1' ? 1 : 2
}

export type HeldLine = {
  readonly chip: string
  readonly line: number
  readonly active: boolean
  /** What is active is a low level. */
  readonly activeLow: boolean
}

/**
 * Brings a line to a level and holds it until the program ends: in 1.x with the mode `signal`, the others let go of it at
 * once or by themselves; in 2.x that is what it does, and its banner says that the line is held (gpioset(1)).
 */
export function setArguments(version: ToolsVersion, { chip, line, active, activeLow }: HeldLine): string[] {
  const low = activeLow ? ['--active-low'] : []
  const level = `${line}=${active ? 1 : 0}`
  return version === 1 ? ['--mode=signal', ...low, chip, level] : ['--banner', ...low, '--chip', chip, level]
}

/** Reads lines once, in their order: `1 0` (gpioget(1)). */
export function getArguments(version: ToolsVersion, chip: string, lines: readonly number[]): string[] {
  const offsets = lines.map(String)
  return version === 1
    ? ['--bias=pull-up', chip, ...offsets]
    : ['--numeric', '--bias', 'pull-up', '--chip', chip, ...offsets]
}

/** Tells each edge of lines in a line of its own, `17 1`: which, and a number for up or down (gpiomon(1)). 2.x flushes each by itself. */
export function monArguments(version: ToolsVersion, chip: string, lines: readonly number[]): string[] {
  const offsets = lines.map(String)
  return version === 1
    ? ['--line-buffered', '--bias=pull-up', '--format=%o %e', chip, ...offsets]
    : ['--bias', 'pull-up', '--format', '%o %e', '--chip', chip, ...offsets]
}

/** The number of a falling edge; a rising one is 1 in both. */
const FALLING = { 1: '0', 2: '2' } as const

/** Which contact went to ground and closed, or was pulled up and is open. Null: not an edge. */
export function edgeOf(
  version: ToolsVersion,
  said: string,
): { readonly line: number; readonly closed: boolean } | null {
  const [, line, edge] = /^(\d{1,4}) ([012])$/.exec(said) ?? []
  if (line === undefined || (edge !== '1' && edge !== FALLING[version])) return null
  return { line: Number(line), closed: edge !== '1' }
}
