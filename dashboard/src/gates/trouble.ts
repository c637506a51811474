import type { GateLine } from '@gatehouse/shared/wire/messages.ts'

type Lane = GateLine['lanes'][number]

/** What is wrong at a gate, a sentence each; none when it is well. */
export function troublesOf(gate: Pick<GateLine, 'name' | 'online' | 'lanes'>): readonly string[] {
  if (!gate.online) return [`${gate.name} is offline`]
  return gate.lanes.flatMap(laneTroubles)
}

export function laneTroubles({ lane, readers, door }: Lane): readonly string[] {
  return [
    ...(door.evacuating ? [`Fire alarm: lane ${lane} is released and is not locked again until it is over`] : []),
    ...readers
      .filter(reader => !reader.up)
      .map(reader => reader.problem ?? `reader ${reader.id} of lane ${lane} does not answer`),
    ...(door.up ? [] : [door.problem ?? `the door of lane ${lane} does not answer`]),
  ]
}

/** How a gate is in one word, most telling first. */
export type Health = 'not enrolled' | 'offline' | 'fault' | 'online'

export function healthOf(gate: Pick<GateLine, 'name' | 'online' | 'enrolled' | 'lanes'>): Health {
  if (!gate.enrolled) return 'not enrolled'
  if (!gate.online) return 'offline'
  return troublesOf(gate).length === 0 ? 'online' : 'fault'
}
