import { fromHex } from '@gatehouse/shared/bytes.ts'
import type { PassKeys } from '@gatehouse/shared/pass/check.ts'
import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import type { CardDesk } from './cards/card-desk.ts'
import { watchDevices } from './devices/watch.ts'
import { fitDoors } from './doors/fit-doors.ts'
import { recordHappening } from './doors/record-happening.ts'
import { healthBoard, STARTING } from './health-board.ts'
import { groupBits, laneOf } from './lane.ts'
import type { ListKeeper } from './list/list-keeper.ts'
import type { Log } from './log.ts'
import type { Clock } from './ports.ts'
import { familyOf } from './readers/families.ts'
import { fitReader } from './readers/fit-reader.ts'
import type { Recorder } from './recorder.ts'
import type { Journal } from './store/journal.ts'

export type LanesNeeds = {
  readonly identity: GateIdentity
  readonly keys: PassKeys
  readonly keeper: ListKeeper
  readonly journal: Pick<Journal, 'lastGrantedS'>
  readonly recorder: Recorder
  readonly desk: Pick<CardDesk, 'seen' | 'misread'>
  /** A device came up or went. */
  readonly changed: () => void
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

export type DownDevice = {
  /** `reader card of lane main` */
  readonly name: string
  /** How it is reached: with other settings it is another device. */
  readonly settings: string
  readonly problem: string
  /** It has been tried; else it is still starting. */
  readonly wasTried: boolean
}

export type RunningLanes = {
  readonly hardware: HardwareConfig
  state(): NonNullable<GateState['lanes']>
  /** Every reader and every door that is not up. */
  down(): readonly DownDevice[]
  /** Told after every change of a device until `signal` aborts. */
  onChange(hear: () => void, signal: AbortSignal): void
  /** Resolves when scans are finished, doors safe and lines closed; rejects for what must not happen. */
  readonly ended: Promise<void>
}

/**
 * The lanes of a gate with all that hangs on them, from now until `signal` aborts: then no scan is taken any more, what was taken is
 * finished, and the doors are made safe.
 */
export function runLanes(hardware: HardwareConfig, needs: LanesNeeds, signal: AbortSignal): RunningLanes {
  const { identity, keys, keeper, journal, recorder, desk, clock, random, log } = needs
  const listeners = new Set<() => void>()
  const health = healthBoard(
    hardware.lanes.map(({ lane }) => lane),
    log,
    () => {
      needs.changed()
      for (const hear of listeners) hear()
    },
  )
  const devices = watchDevices()
  const evacuating = new Set<string>()
  const { doors, run: runDoors } = fitDoors(hardware, {
    clock,
    random,
    report: health.door,
    plugged: devices.plugged,
    happened: (lane, happening, evidence) => recordHappening(recorder, { lane, happening, evidence }),
    evacuating(lane, yes) {
      if (yes) evacuating.add(lane)
      else evacuating.delete(lane)
      needs.changed()
    },
  })
  for (const [at, { lane, door }] of hardware.lanes.entries()) {
    if (doors[at]!.pulse === 'software-timed')
      log.warn({ lane, board: door.output.board, remedy: 'a board that ends its own pulse' }, 'door.software-timed')
  }
  const lanes = hardware.lanes.map(({ lane, direction, groups, readers }, at) => {
    const serving = laneOf({
      lane,
      gateId: identity.gateId,
      direction,
      groups: groupBits(groups),
      tenant: identity.tenant,
      timeZone: identity.timeZone,
      cardSecret: Buffer.from(identity.cardSecret, 'base64url'),
      keys,
      list: keeper,
      deviceKey: passId => pointOf(keeper, passId),
      granted: journal,
      recorder,
      door: doors[at]!,
      cardSeen: (reader, card, row) => desk.seen({ lane, reader }, card, row),
      cardMisread: (reader, card) => desk.misread({ lane, reader }, card),
      log,
    })
    const fitted = readers.map(reader =>
      fitReader(reader, { lane, clock, random, log, report: health.reader, plugged: devices.plugged }),
    )
    return { serving, readers: fitted }
  })

  const serve = async () => {
    const onDoors = new AbortController()
    const running = runDoors(onDoors.signal)
    try {
      await Promise.all(lanes.flatMap(({ serving, readers }) => readers.map(reader => serving.serve(reader, signal))))
    } finally {
      onDoors.abort()
      await running
      devices.close()
    }
  }

  return {
    hardware,
    state: () =>
      hardware.lanes.map(({ lane, readers }, at) => ({
        lane,
        readers: readers.map(reader => ({
          id: reader.id,
          reads: familyOf(reader).reads,
          ...health.ofReader(lane, reader.id),
        })),
        door: { ...health.ofDoor(lane), pulse: doors[at]!.pulse, ...(evacuating.has(lane) && { evacuating: true }) },
      })),
    down: () =>
      hardware.lanes.flatMap(({ lane, readers, door }) => {
        const board = hardware.boards.find(({ id }) => id === door.output.board)
        return [
          ...readers.map(reader => ({
            name: `reader ${reader.id} of lane ${lane}`,
            settings: JSON.stringify(reader),
            health: health.ofReader(lane, reader.id),
          })),
          {
            name: `the door of lane ${lane}`,
            settings: JSON.stringify([board, door.output]),
            health: health.ofDoor(lane),
          },
        ].flatMap(({ name, settings, health: { up, problem = '' } }) =>
          up ? [] : [{ name, settings, problem, wasTried: problem !== STARTING.problem }],
        )
      }),
    onChange(hear, until) {
      listeners.add(hear)
      until.addEventListener('abort', () => listeners.delete(hear), { once: true })
    },
    ended: serve(),
  }
}

/** The phone's key that the list has for a pass. Rows that are damaged have none: the code is refused, and the list made anew. */
async function pointOf(keeper: ListKeeper, passId: string): Promise<Uint8Array | null> {
  const found = await keeper.deviceKey(passId)
  return found.ok && found.value !== null ? fromHex(found.value) : null
}
