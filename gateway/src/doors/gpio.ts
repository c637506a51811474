import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import type { Clock, DoorFailure } from '../ports.ts'
import type { BoardDriver, BoardEvent } from './board-line.ts'
import {
  edgeOf,
  getArguments,
  monArguments,
  type StartTool,
  setArguments,
  type Tool,
  type ToolsVersion,
  toolsVersion,
} from './gpio-tools.ts'
import { inputLevels } from './input-levels.ts'

/** A tool of 1.x says nothing when it holds a line, and is gone by then where it cannot. */
const HELD_AFTER_MS = 50
/** And none takes longer than this for anything. */
const TOOL_MS_MAX = 1_000

export type GpioNeeds = {
  readonly start: StartTool
  readonly chip: string
  readonly activeLow: boolean
  /** Lines that a contact is wired to. */
  readonly inputs: readonly number[]
  readonly clock: Clock
}

/**
 * Lines of a GPIO chip, through libgpiod's tools. A line belongs to one program at a time, so a new level needs the old
 * program's end first; what the line is in between, and when we are gone, the chip decides. A resistor at the relay that
 * makes it off then makes every change go by off, which is one of its two ends. A relay that is on already is left
 * alone. A contact lies between its line and ground: closed is low. It has no timer: the pulse is ours to end. Never
 * tried on a chip, only on 1.6.3's own reading of these arguments.
 */
export function gpioBoard({ start, chip, activeLow, inputs, clock }: GpioNeeds): BoardDriver {
  return {
    pulse: 'software-timed',
    async open() {
      const version = await versionOf(start, clock)
      const closed = new AbortController()
      const lost = Promise.withResolvers<void>()
      lost.promise.catch(() => {})
      const held = new Map<number, { readonly tool: Tool; readonly active: boolean }>()
      let monitor: Tool | null = null

      const hold = async (line: number, active: boolean): Promise<Result<null, DoorFailure>> => {
        const before = held.get(line)
        if (before?.active === active) return ok(null)
        held.delete(line)
        if (before !== undefined && !(await endOf(before.tool, clock))) return fail('no_answer')
        const tool = start('gpioset', setArguments(version, { chip, line, active, activeLow }))
        held.set(line, { tool, active })
        const gone = (said: string) => new Error(`line ${line} of ${chip} is not held: ${said}`)
        void tool.ended.then(said => {
          if (held.get(line)?.tool === tool) lost.reject(gone(said))
        })
        const said = await Promise.race([tool.ended, isHeld(tool, version, clock)])
        if (said !== null) throw gone(said)
        return ok(null)
      }

      const watch = async (tell: (event: BoardEvent) => void): Promise<void> => {
        const levels = inputLevels(tell, clock)
        const now = await outputOf(start('gpioget', getArguments(version, chip, inputs)), clock)
        const read = now.out.trim().split(/\s+/)
        if (read.length !== inputs.length) throw new Error(`lines ${inputs} of ${chip} cannot be read: ${now.said}`)
        for (const [at, line] of inputs.entries()) levels.see(line, read[at] === '0')
        if (closed.signal.aborted) return
        monitor = start('gpiomon', monArguments(version, chip, inputs))
        for await (const said of monitor.lines) {
          const edge = edgeOf(version, said)
          if (edge !== null) void levels.edge(edge.line, edge.closed, closed.signal)
        }
        const said = await monitor.ended
        if (!closed.signal.aborted) throw new Error(`lines ${inputs} of ${chip} are not watched any more: ${said}`)
      }

      return {
        set: hold,
        flash: null,
        listen: tell => Promise.race(inputs.length === 0 ? [lost.promise] : [lost.promise, watch(tell)]),
        async [Symbol.asyncDispose]() {
          closed.abort()
          const tools = [...held.values()].map(({ tool }) => tool)
          held.clear()
          await Promise.all([...tools, ...(monitor === null ? [] : [monitor])].map(tool => endOf(tool, clock)))
          lost.resolve()
        },
      }
    },
  }
}

/** Null when it holds its line; 2.x says so. */
async function isHeld(tool: Tool, version: ToolsVersion, clock: Clock): Promise<string | null> {
  if (version === 1) {
    await clock.after(HELD_AFTER_MS)
    return null
  }
  const told = new AbortController()
  const banner = (async () => {
    for await (const _said of tool.lines) return null
    return tool.ended
  })()
  const late = clock.after(TOOL_MS_MAX, told.signal).then(() => 'it does not say that it holds it')
  try {
    return await Promise.race([banner, late])
  } finally {
    told.abort()
  }
}

async function endOf(tool: Tool, clock: Clock): Promise<boolean> {
  const ended = new AbortController()
  tool.end()
  try {
    return await Promise.race([tool.ended.then(() => true), clock.after(TOOL_MS_MAX, ended.signal).then(() => false)])
  } finally {
    ended.abort()
  }
}

/** All that a program says that ends by itself. */
async function outputOf(tool: Tool, clock: Clock): Promise<{ readonly out: string; readonly said: string }> {
  const over = new AbortController()
  void clock.after(TOOL_MS_MAX, over.signal).then(() => tool.end())
  let out = ''
  for await (const line of tool.lines) out += `${line}\n`
  const said = await tool.ended
  over.abort()
  return { out, said }
}

async function versionOf(start: StartTool, clock: Clock): Promise<ToolsVersion> {
  const { out, said } = await outputOf(start('gpioset', ['--version']), clock)
  const version = toolsVersion(out)
  if (version === null) throw new Error(`libgpiod’s tools are not here: sudo apt install gpiod (${said})`)
  return version
}
