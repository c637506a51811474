import { BOARD_FACTS, boardPlace } from '@gatehouse/shared/wire/hardware/board-config.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { LaneConfig } from '@gatehouse/shared/wire/hardware/lane-config.ts'
import { type Interlock, interlock } from '../core/interlock.ts'
import type { Happening } from '../core/passage.ts'
import { STARTING } from '../health-board.ts'
import type { Clock, Evidence, Health, Plugged } from '../ports.ts'
import { type FittedDoor, fittedDoor } from './door.ts'
import { boardDriver } from './families.ts'
import { type KeptBoard, keptBoard, type OutputUse } from './kept-board.ts'

export type FitDoorsNeeds = {
  readonly clock: Clock
  readonly random: () => number
  readonly report: (lane: string, health: Health) => void
  /** Hears of everything that happens at a lane's door. */
  readonly happened: (lane: LaneConfig, happening: Happening, evidence: Evidence) => void
  readonly evacuating: (lane: string, yes: boolean) => void
  readonly plugged?: Plugged | undefined
}

export type FittedDoors = {
  /** One for each lane, in their order. */
  readonly doors: readonly FittedDoor[]
  /** Keeps boards and doors going until `signal` aborts, and makes them safe at both ends. */
  run(signal: AbortSignal): Promise<void>
}

/** A door is up when every board is that it hangs on; else the first that is not says why. */
function healthOfAll(): (lane: string, board: string, health: Health) => Health {
  const healths = new Map<string, Map<string, Health>>()
  return (lane, board, health) => {
    const ofLane = healths.get(lane) ?? new Map<string, Health>()
    healths.set(lane, ofLane.set(board, health))
    return [...ofLane.values()].find(({ up }) => !up) ?? health
  }
}

/** What hangs on a board: the output of each door that it releases. */
export function outputsOn(board: string, lanes: readonly LaneConfig[]): OutputUse[] {
  return lanes.flatMap(({ door }) => (door.output.board === board ? [{ ...door, channel: door.output.channel }] : []))
}

/** The boards of a gate, and the door of each lane on them. */
export function fitDoors(
  { boards, lanes }: Pick<HardwareConfig, 'boards' | 'lanes'>,
  needs: FitDoorsNeeds,
): FittedDoors {
  const { clock, random, report, happened, evacuating, plugged } = needs
  const kept = new Map<string, KeptBoard>()
  const together = healthOfAll()
  const doors: FittedDoor[] = []
  for (const config of boards) {
    const listeners = lanes.filter(
      ({ door }) =>
        door.output.board === config.id || Object.values(door.contacts).some(contact => contact?.board === config.id),
    )
    const outputs = outputsOn(config.id, lanes)
    const contacts = lanes.flatMap(({ door }) => Object.values(door.contacts))
    const inputs = contacts.flatMap(contact => (contact?.board === config.id ? [contact.channel] : []))
    for (const { lane } of listeners) together(lane, config.id, STARTING)
    const board = keptBoard({
      name: boardPlace(config),
      driver: boardDriver(config, { outputs, inputs: [...new Set(inputs)], clock, random }),
      outputs,
      // A contact's board that is away is a trouble of the door as well: nobody hears who goes through.
      report: health => {
        for (const { lane } of listeners) report(lane, together(lane, config.id, health))
      },
      tell: event => {
        for (const [at, lane] of lanes.entries()) if (listeners.includes(lane)) doors[at]!.heard(config.id, event)
      },
      clock,
      random,
      plugged,
    })
    kept.set(config.id, board)
  }
  const locks = new Map<string, Interlock>()
  for (const [at, config] of lanes.entries()) {
    const { lane, door } = config
    const word = door.interlock ?? `lane ${lane}`
    const lock = locks.get(word) ?? interlock()
    locks.set(word, lock)
    const { family } = boards.find(({ id }) => id === door.output.board)!
    doors.push(
      fittedDoor({
        lane,
        config: door,
        board: kept.get(door.output.board)!,
        tellsPassages: BOARD_FACTS[family].tellsPassages,
        interlock: lock,
        clock,
        happened: happening => happened(config, happening, doors[at]!.evidence),
        evacuating: yes => evacuating(lane, yes),
      }),
    )
  }
  return {
    doors,
    async run(signal) {
      await Promise.all([...[...kept.values()].map(board => board.run(signal)), ...doors.map(door => door.run(signal))])
    },
  }
}
