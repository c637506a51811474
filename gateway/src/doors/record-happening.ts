import type { LaneConfig } from '@gatehouse/shared/wire/hardware/lane-config.ts'
import type { Happening } from '../core/passage.ts'
import type { Evidence } from '../ports.ts'
import type { Recorder } from '../recorder.ts'

export type DoorHappening = {
  readonly lane: LaneConfig
  readonly happening: Happening
  readonly evidence: Evidence
}

/** Writes down what happened at a door, and with it who is inside from now on: those who went through, not those who might have. */
export function recordHappening(
  recorder: Pick<Recorder, 'record'>,
  { lane, happening: { kind, grant, details }, evidence }: DoorHappening,
): void {
  const passId = grant?.passId ?? null
  const goes = kind === 'passage' || (kind === 'opened' && evidence === 'opening')
  recorder.record(
    {
      kind,
      lane: lane.lane,
      ...(passId === null ? {} : { passId }),
      details: { ...details, ...(grant?.sequence ? { grant: grant.sequence } : {}) },
    },
    undefined,
    goes && passId !== null ? { presence: { passId, isInside: lane.direction === 'in' } } : {},
  )
}
