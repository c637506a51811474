import { z } from 'zod'
import { HARDWARE_SHAPE, type HardwareConfig } from './hardware-config.ts'
import type { LaneConfig } from './lane-config.ts'
import type { Mistake } from './mistakes.ts'
import { innermost, plainly } from './plain-mistakes.ts'
import { sentMistakes } from './sent-mistakes.ts'

/** What a gate's access point says of its lane, whatever hangs on it. */
export type LanePlace = Pick<LaneConfig, 'lane' | 'name' | 'direction' | 'groups'>

/** What people say of a gate's hardware: its boards, and readers and door of each lane. Nothing of it is checked yet. */
export type Description = { readonly boards: readonly unknown[]; readonly lanes: readonly unknown[] }

export type Described =
  | { readonly hardware: HardwareConfig; readonly mistakes: null }
  | { readonly hardware: null; readonly mistakes: readonly Mistake[] }

const Shape = z.strictObject(HARDWARE_SHAPE)
const DescribedLane = z.looseObject({ lane: z.string() })

/** The hardware that a description comes to at a gate with these access points, in their order; or what is wrong with it, with its place in the description. */
export function describedHardware(places: readonly LanePlace[], { boards, lanes }: Description): Described {
  const said = lanes.map(lane => DescribedLane.safeParse(lane).data?.lane ?? null)
  const astray = laneMistakes(places, said)
  if (astray.length > 0) return { hardware: null, mistakes: astray }
  const indexes = places.map(({ lane }) => said.indexOf(lane))
  const placed = places.map(({ lane, name, direction, groups }, at) => {
    return { ...(lanes[indexes[at]!] as object), lane, name, direction, groups: [...groups] }
  })
  const read = Shape.safeParse({ boards, lanes: placed }, { error: plainly })
  const mistakes = read.success ? sentMistakes(read.data) : read.error.issues.flatMap(issue => innermost(issue))
  if (read.success && mistakes.length === 0) return { hardware: read.data, mistakes: null }
  return { hardware: null, mistakes: mistakes.map(mistake => inDescription(mistake, indexes)) }
}

/** Each access point is described once, and nothing else is. */
function laneMistakes(places: readonly LanePlace[], said: readonly (string | null)[]): Mistake[] {
  return [
    ...said.flatMap((lane, at) => {
      const path = ['lanes', at, 'lane']
      if (!places.some(place => place.lane === lane)) return [{ path, message: 'is no access point of this gate' }]
      return said.indexOf(lane) < at ? [{ path, message: 'is described twice' }] : []
    }),
    ...places
      .filter(({ lane }) => !said.includes(lane))
      .map(({ lane }) => ({ path: ['lanes'], message: `lane ${lane} is not described` })),
  ]
}

function inDescription({ path, message }: Mistake, indexes: readonly number[]): Mistake {
  const [part, at, ...rest] = path
  return part === 'lanes' && typeof at === 'number'
    ? { path: [part, indexes[at]!, ...rest], message }
    : { path, message }
}
