import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { StartTool, Tool, ToolsVersion } from '../doors/gpio-tools.ts'

/** What a line is that nobody holds, by the resistor at its relay: high where the relay pulls in on low. */
export type GpioChipSettings = { readonly version: ToolsVersion; readonly floatsHigh?: boolean }

/**
 * A chip and libgpiod's tools as far as they were read about: a line has one owner, is what it was brought to for as long
 * as that runs, and floats afterwards. Inputs are pulled up until their contact closes.
 */
export function gpioChip({ version, floatsHigh = false }: GpioChipSettings) {
  const owners = new Map<number, () => void>()
  const grounded = new Set<number>()
  let told: PassThrough | null = null
  const calls: string[] = []
  /** Each level of each output line, as a meter would show it. */
  const levels: string[] = []

  const tool = (run: (out: PassThrough, end: (said: string) => void) => void, release = () => {}): Tool => {
    const out = new PassThrough()
    const { promise, resolve } = Promise.withResolvers<string>()
    const end = (said: string) => {
      release()
      out.end()
      resolve(said)
    }
    run(out, end)
    return {
      lines: createInterface({ input: out }),
      ended: promise,
      // A signal takes its time, and the line is not free before.
      end: () => void setImmediate(end, 'ended by a signal'),
    }
  }
  const set = (args: readonly string[]): Tool => {
    const [line, value] = args.at(-1)!.split('=').map(Number) as [number, number]
    const isHigh = (value === 1) !== args.includes('--active-low')
    let isOwner = false
    const release = () => {
      if (!isOwner) return
      isOwner = false
      owners.delete(line)
      levels.push(`${line} floats ${floatsHigh ? 'high' : 'low'}`)
    }
    return tool((out, end) => {
      if (owners.has(line)) return end('gpioset: error setting the GPIO line values: Device or resource busy')
      isOwner = true
      owners.set(line, () => end('gpioset: killed'))
      levels.push(`${line} ${isHigh ? 'high' : 'low'}`)
      if (version === 2) out.write(`Setting line '${line}'...\n`)
    }, release)
  }
  const start: StartTool = (program, args) => {
    calls.push([program, ...args].join(' '))
    if (args.includes('--version'))
      return tool((out, end) => {
        out.write(`${program} (libgpiod) v${version === 1 ? '1.6.3' : '2.2.1'}\nCopyright (C) 2017\n`)
        end('')
      })
    if (program === 'gpioset') return set(args)
    const lines = args.filter(arg => /^\d+$/.test(arg)).map(Number)
    if (program === 'gpioget')
      return tool((out, end) => {
        out.write(`${lines.map(line => (grounded.has(line) ? 0 : 1)).join(' ')}\n`)
        end('')
      })
    return tool(out => {
      told = out
    })
  }
  return {
    start,
    calls,
    levels,
    /** Somebody closes or opens a contact. */
    contact(line: number, closed: boolean) {
      if (closed) grounded.add(line)
      else grounded.delete(line)
      const rising = 1
      const falling = version === 1 ? 0 : 2
      told?.write(`${line} ${closed ? falling : rising}\n`)
    },
    /** The program that holds a line, or watches, dies. */
    kill(line: number | 'monitor') {
      if (line === 'monitor') told?.end()
      else owners.get(line)!()
    },
    isHeld: (line: number) => owners.has(line),
  }
}
