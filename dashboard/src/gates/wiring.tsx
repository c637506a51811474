import type { AccessPoint, Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { PULSE_WORDS } from '@gatehouse/shared/wire/hardware/family-words.ts'
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/icon.tsx'

type LaneState = Gate['lanes'][number]

/** Lanes as they are wired: reader, decision, door, each with its health. */
export function Wiring({ gate }: { readonly gate: Gate }) {
  return (
    <ul>
      {gate.accessPoints.map(point => (
        <li key={point.id} className="border-line border-b p-4 last:border-b-0">
          <p className="mb-3">
            <bdi className="font-medium">{point.name}</bdi>{' '}
            <span className="text-13 text-muted">
              lane <span className="font-mono">{point.lane}</span>,{' '}
              {point.direction === 'in' ? 'going in' : 'going out'}
            </span>
          </p>
          <Lane point={point} state={gate.lanes.find(({ lane }) => lane === point.lane)} online={gate.online} />
        </li>
      ))}
    </ul>
  )
}

function Lane({
  point,
  state,
  online,
}: {
  readonly point: AccessPoint
  readonly state: LaneState | undefined
  readonly online: boolean
}) {
  if (!state) {
    return (
      <p className="text-muted">
        The gate has not said how lane {point.lane} is wired. It does as soon as its wiring is described and in force.
      </p>
    )
  }
  return (
    <ol aria-label={`Wiring of ${point.name}`} className="flex flex-col gap-2 md:flex-row md:items-stretch">
      <li className="flex flex-1 flex-col gap-2">
        {state.readers.map(({ id, up, problem }) => (
          <Part key={id} icon="reader" name={`Reader ${id}`} up={online ? up : null} problem={problem} />
        ))}
      </li>
      <Arrow />
      <li className="flex flex-1 flex-col">
        <Part icon="decide" name="Decision" up={online ? true : null} word={`groups ${point.groups.join(', ')}`} />
      </li>
      <Arrow />
      <li className="flex flex-1 flex-col">
        <Part
          icon="door"
          name="Door"
          up={online ? state.door.up : null}
          problem={state.door.problem}
          word={state.door.evacuating ? 'released by the fire alarm' : PULSE_WORDS[state.door.pulse]}
        />
      </li>
    </ol>
  )
}

function Arrow() {
  return (
    <li aria-hidden="true" className="flex items-center justify-center text-muted">
      <Icon name="right" className="rotate-90 md:rotate-0" />
    </li>
  )
}

/** `up` is null when nobody knows: the gate does not answer. */
function Part({
  icon,
  name,
  up,
  problem,
  word,
}: {
  readonly icon: IconName
  readonly name: string
  readonly up: boolean | null
  readonly problem?: string | undefined
  readonly word?: ReactNode
}) {
  const said = up === null ? 'not known' : up ? 'works' : 'does not answer'
  const tone = up === null ? 'border-line' : up ? 'border-granted' : 'border-refused bg-refused-on'
  return (
    <div className={`flex flex-1 items-start gap-3 rounded-6 border p-3 ${tone}`}>
      <Icon name={icon} className={up === false ? 'text-refused' : 'text-muted'} />
      <div className="min-w-0">
        <p className="font-medium break-words">{name}</p>
        <p className={`text-13 ${up === false ? 'text-refused' : 'text-muted'}`}>
          {said}
          {word && <>, {word}</>}
        </p>
        {problem && <p className="text-13 text-refused">{problem}</p>}
      </div>
    </div>
  )
}
