import { toHex } from '@gatehouse/shared/bytes.ts'
import { BOARD_FACTS, type BoardConfig } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { systemClock } from '../devices/system-clock.ts'
import type { BoardLine } from '../doors/board-line.ts'
import { boardDriver } from '../doors/families.ts'
import { boardDevice } from '../simulators/boards.ts'
import { benchLine } from './bench-line.ts'
import type { Action } from './door-actions.ts'
import { familyConfig } from './family-config.ts'
import { settingsOf } from './settings.ts'
import { cannot } from './usage.ts'

export type EncodeOptions = {
  readonly channel?: string
  readonly ms: string
  readonly set: readonly string[]
  readonly json?: true
}

/** `gateway encode`: the real driver, and what it wrote to the simulated board. */
export async function encodeAction(name: string, action: Action, options: EncodeOptions): Promise<void> {
  const family = familyConfig(name, settingsOf(options.set))
  if (family.of === 'reader') throw cannot(`${name} is a reader: it is told nothing by a door.`)
  const { config } = family
  if (!('port' in config) || config.port.kind !== 'tcp')
    throw cannot(`${config.family} has no line of bytes: it is told by the system, or in reports.`)
  const channel = numberOf('--channel', options.channel ?? String(BOARD_FACTS[config.family].first))
  const ms = numberOf('--ms', options.ms)
  const { result, sent } = await tell(config, action, channel, ms)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ family: config.family, action, channel, result, sent })}\n`
      : `${sent.join('\n')}\n${result === 'ok' ? '' : `The simulated board says: ${result}.\n`}`,
  )
}

async function tell(config: BoardConfig, action: Action, channel: number, ms: number) {
  const sent: string[] = []
  const line = benchLine(bytes => {
    sent.push(toHex(bytes))
    device.receive(bytes)
  })
  let isOpen = false
  // It was switched on long ago: what it said then nobody heard.
  const device = boardDevice(config, { clock: systemClock, send: bytes => isOpen && line.feed(bytes) })
  const outputs = [{ channel, energised: 'unlock', pulseMs: ms, pulseMsMax: Math.max(ms, 1_000) }] as const
  const open = () => async () => line.port
  const driver = boardDriver(config, { clock: systemClock, random: Math.random, outputs, inputs: [], open })
  isOpen = true
  await using board = await driver.open(new AbortController().signal)
  const listening = board.listen(() => {}).catch(() => {})
  const told = await perform(board, action, channel, ms)
  line.end()
  await listening
  return { result: told.ok ? 'ok' : told.failure, sent }
}

async function perform(line: BoardLine, action: Action, channel: number, ms: number) {
  if (action !== 'pulse') return line.set(channel, action === 'on')
  if (line.flash !== null) return line.flash(channel, true, ms)
  const on = await line.set(channel, true)
  return on.ok ? line.set(channel, false) : on
}

function numberOf(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw cannot(`${option} takes a number, not ${text}`)
  return Number(text)
}
