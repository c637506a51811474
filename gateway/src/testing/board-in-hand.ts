import { BOARD_FACTS, BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { BoardEvent } from '../doors/board-line.ts'
import { boardDriver } from '../doors/families.ts'
import { keptBoard, type OutputUse } from '../doors/kept-board.ts'
import type { Health, OpenPort } from '../ports.ts'
import { boardDevice } from '../simulators/boards.ts'
import type { BoardDevice } from '../simulators/device.ts'
import { handClock } from './hand-clock.ts'
import { type MemoryPort, memoryPort } from './memory-port.ts'

export type Settings = { readonly family: string } & Record<string, unknown>

const STEP_MS = 10

export const settled = async () => {
  for (let turn = 0; turn < 4; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** The far side of a board and the line to it, which may be pulled and plugged in again. Time stands until it is moved. */
export function boardOnTable(settings: Settings) {
  const config = BoardConfig.parse({ id: 'board', port: { kind: 'tcp', host: 'x', port: 1 }, ...settings })
  const clock = handClock()
  const lines: MemoryPort[] = []
  const device: BoardDevice = boardDevice(config, { clock, send: bytes => lines.at(-1)?.feed(bytes) })
  const changes: string[] = []
  device.onChange((channel, on) => changes.push(`${channel} ${on ? 'on' : 'off'} ${clock.monotonicMs()}`))
  let isPlugged = true
  let isDeaf = false
  const open: OpenPort = async () => {
    if (!isPlugged) throw new Error('there is no /dev/board: plug the device in')
    const port = memoryPort()
    port.answer = bytes => {
      if (!isDeaf && isPlugged && port === lines.at(-1)) device.receive(bytes)
      return null
    }
    lines.push(port)
    return port
  }
  return {
    config,
    clock,
    device,
    /** Outputs that went on or off, and when. */
    changes,
    lines,
    open,
    /** All that was written since the line was opened. */
    line: () => lines.at(-1)!,
    pull() {
      isPlugged = false
      lines.at(-1)?.hangUp(new Error('/dev/board is gone'))
    },
    plug() {
      isPlugged = true
    },
    /** The board has no power, and its line does not show that. */
    deafen(deaf: boolean) {
      isDeaf = deaf
    },
    /** Lets time go by in small steps, and everybody do what they have to in each. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.advance(Math.min(STEP_MS, left))
        await settled()
      }
    },
  }
}
export type Table = ReturnType<typeof boardOnTable>

/** A gate at the near end, which keeps the board as a real one does, until it is told to stop. */
export async function gateAt(
  table: Table,
  { outputs = [{}], inputs = [] }: { outputs?: Partial<OutputUse>[]; inputs?: readonly number[] } = {},
) {
  const { config, clock, open } = table
  const healths: Health[] = []
  const events: (BoardEvent | { readonly kind: 'lost' })[] = []
  const stop = new AbortController()
  const { first } = BOARD_FACTS[config.family]
  const uses = outputs.map(use => ({
    channel: first,
    energised: 'unlock' as const,
    pulseMs: 700,
    pulseMsMax: 30_000,
    ...use,
  }))
  const board = keptBoard({
    name: '/dev/board',
    driver: boardDriver(config, { outputs: uses, inputs, clock, random: () => 1, open: () => open }),
    outputs: uses,
    report: health => healths.push(health),
    tell: event => events.push(event),
    clock,
    random: () => 1,
  })
  const run = board.run(stop.signal)
  await settled()
  /** As a person would have it: granted now, and the time that the answer takes. */
  const release = async (channel: number = first) => {
    const released = board.release(channel, clock.monotonicMs())
    let isDone = false
    void released.finally(() => (isDone = true))
    for (let step = 0; !isDone && step < 400; step++) await table.pass(STEP_MS)
    return released
  }
  return {
    board,
    healths,
    events,
    release,
    async stop() {
      stop.abort()
      let isOver = false
      void run.then(() => (isOver = true))
      for (let step = 0; !isOver && step < 400; step++) await table.pass(STEP_MS)
      await run
    },
  }
}
