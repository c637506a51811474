import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import type { GateConfig } from '@gatehouse/shared/wire/gate-config.ts'
import { boardPlace } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { CONTACTS } from '@gatehouse/shared/wire/hardware/door-config.ts'
import { readGate } from '../config.ts'
import { hardwareOf } from '../configuration/kept-configuration.ts'
import { systemClock } from '../devices/system-clock.ts'
import { boardDriver } from '../doors/families.ts'
import { outputsOn } from '../doors/fit-doors.ts'
import { type KeptBoard, keptBoard } from '../doors/kept-board.ts'
import type { DoorFailure } from '../ports.ts'
import { lockFolder } from '../store/folder-lock.ts'
import { stopSignal } from './stop-signal.ts'
import { cannot } from './usage.ts'

type Options = { readonly config: string; readonly seconds: string; readonly yes?: true }

/** `gateway try`: a person stands at the door, and wants to see it move. */
export async function tryDoor(name: string, { config: path, seconds, yes }: Options): Promise<void> {
  if (!/^\d{1,3}$/.test(seconds)) throw cannot('--seconds takes a number up to 999')
  const gate = readGate(path)
  if (!gate.ok) throw cannot(gate.failure)
  const config = { ...gate.value.config, ...hardwareOf(gate.value.config) }
  const lane = config.lanes.find(({ lane }) => lane === name)
  if (lane === undefined)
    throw cannot(`There is no lane ${name}. There is: ${config.lanes.map(({ lane }) => lane).join(', ')}.`)
  const lock = lockOf(config.data)
  try {
    const { output, pulseMs } = lane.door
    const what = `the door of lane ${lane.lane} (${lane.name}) for ${pulseMs} ms, by channel ${output.channel} of board ${output.board}`
    if (!yes && !(await isWanted(`This opens ${what}. Is nobody in its way? Type y: `))) {
      process.stdout.write('Nothing was done.\n')
      return
    }
    await openOnce(config, lane, Number(seconds))
  } finally {
    lock.release()
  }
}

function lockOf(folder: string): { release(): void } {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return lockFolder(folder)
  } catch (error) {
    throw cannot(error instanceof Error ? error.message : String(error))
  }
}

async function isWanted(question: string): Promise<boolean> {
  const asked = createInterface({ input: process.stdin, output: process.stdout })
  const ended = new Promise<string>(resolve => asked.once('close', () => resolve('')))
  const answer = await Promise.race([asked.question(question), ended])
  asked.close()
  return answer.trim().toLowerCase() === 'y'
}

async function openOnce(config: GateConfig, lane: GateConfig['lanes'][number], seconds: number): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const { door } = lane
  const wanted = new Set([door.output.board, ...Object.values(door.contacts).flatMap(contact => contact?.board ?? [])])
  const asked = stopSignal()
  const stop = new AbortController()
  asked.addEventListener('abort', () => stop.abort(), { once: true })
  const boards = new Map<string, { readonly board: KeptBoard; readonly up: Promise<void> }>()
  for (const id of wanted) boards.set(id, boardOf(config, lane, id, say))
  const running = [...boards.values()].map(({ board }) => board.run(stop.signal))
  try {
    await Promise.all([...boards.values()].map(({ up }) => up))
    say('The board is there, and every output on it is at rest.')
    const released = await boards.get(door.output.board)!.board.release(door.output.channel, systemClock.monotonicMs())
    if (!released.ok) throw cannot(SENTENCES[released.failure])
    say(`Released for ${door.pulseMs} ms.`)
    await systemClock.after(seconds * 1_000, stop.signal)
  } finally {
    stop.abort()
    await Promise.all(running)
  }
  say('Done; every output is at rest.')
}

/** A board as the gateway would have it: also what hangs on it for other lanes is kept at rest. */
function boardOf(config: GateConfig, lane: GateConfig['lanes'][number], id: string, say: (line: string) => void) {
  const board = config.boards.find(board => board.id === id)!
  const outputs = outputsOn(id, config.lanes)
  const contacts = CONTACTS.flatMap(name => {
    const contact = lane.door.contacts[name]
    return contact?.board === id ? [{ name, ...contact }] : []
  })
  const inputs = contacts.map(({ channel }) => channel)
  const up = Promise.withResolvers<void>()
  const kept = keptBoard({
    name: boardPlace(board),
    driver: boardDriver(board, { clock: systemClock, random: Math.random, outputs, inputs }),
    outputs,
    report: health => (health.up ? up.resolve() : up.reject(cannot(health.problem))),
    tell(event) {
      if (event.kind === 'passed') say('somebody went through')
      if (event.kind === 'fault') say(event.problem)
      if (event.kind !== 'input') return
      const contact = contacts.find(({ channel }) => channel === event.channel)
      if (contact === undefined) return
      const isYes = (contact.active === 'closed') === event.closed
      say(`${contact.name}: ${isYes ? 'yes' : 'no'} (the contact is ${event.closed ? 'closed' : 'open'})`)
    },
    clock: systemClock,
    random: Math.random,
  })
  return { board: kept, up: up.promise }
}

const SENTENCES: Record<DoorFailure, string> = {
  absent: 'The board went away: check its cable and power.',
  too_late: 'The board took too long: check its line.',
  no_answer: 'The board did not answer; it may have opened. Check its address and wiring.',
  refused: 'The board refused: check the channel and the length of the pulse.',
  interlocked: 'Another door of its interlock is open: shut it first.',
  write_failed: 'The bytes could not be written: check the cable.',
}
