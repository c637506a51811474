import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { GateConfig, GateIdentity, type LaneConfig } from '@gatehouse/shared/wire/gate-config.ts'
import { z } from 'zod'
import { onTheWall } from './core/wall.ts'
import { portName } from './devices/open-port.ts'

export type Gate = { readonly config: GateConfig; readonly identity: GateIdentity }

/** The gate's configuration and identity, its paths made absolute; or every mistake at once, a line each. */
export function readGate(path: string): Result<Gate, string> {
  const said = readAs(path, GateConfig)
  if (!said.ok) return said
  const config = resolved(said.value, dirname(resolve(path)))
  const identity = readAs(config.identity, GateIdentity)
  const mistakes = [
    ...(identity.ok ? identityMistakes(identity.value) : [identity.failure]),
    ...lineMistakes(config.lanes).map(mistake => `${path}: ${mistake}`),
  ]
  if (!identity.ok || mistakes.length > 0) return fail(mistakes.join('\n'))
  return ok(Object.freeze({ config, identity: identity.value }))
}

function readAs<Type extends z.ZodType>(path: string, type: Type): Result<z.infer<Type>, string> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return fail(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}): check the path and its permissions`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // Node quotes the text around the fault, and an identity is full of secrets.
    const at = /position \d+|line \d+ column \d+/.exec((error as Error).message)
    return fail(`${path} is no JSON${at ? ` (${at[0]})` : ''}`)
  }
  const read = type.safeParse(value)
  if (read.success) return ok(read.data)
  return fail(
    read.error.issues.map(issue => `${path}: ${z.core.toDotPath(issue.path) || '(all)'}: ${issue.message}`).join('\n'),
  )
}

function resolved(config: GateConfig, folder: string): GateConfig {
  const from = (path: string) => (isAbsolute(path) ? path : join(folder, path))
  const line = <Port extends LaneConfig['door']['port']>(port: Port): Port =>
    port.kind === 'serial' ? { ...port, path: from(port.path) } : port
  return {
    identity: from(config.identity),
    data: from(config.data),
    lanes: config.lanes.map(lane => ({
      ...lane,
      readers: lane.readers.map(reader => ({ ...reader, port: line(reader.port) })),
      door: { ...lane.door, port: line(lane.door.port) },
    })),
  }
}

function identityMistakes({ timeZone }: GateIdentity): string[] {
  try {
    onTheWall(0, timeZone)
    return []
  } catch {
    return [`the identity's time zone ${timeZone} is none: name one such as Europe/Berlin`]
  }
}

/** Relays of one board share its line; a reader has one for itself. */
function lineMistakes(lanes: readonly LaneConfig[]): string[] {
  const mistakes: string[] = []
  const users = new Map<string, string>()
  const relays = new Set<string>()
  for (const { lane, readers } of lanes) {
    for (const { id, port } of readers) {
      const user = `reader ${id} of lane ${lane}`
      const other = users.get(portName(port))
      if (other !== undefined)
        mistakes.push(`${user} is on ${portName(port)}, and so is ${other}: each reader needs a line of its own`)
      users.set(portName(port), user)
    }
  }
  for (const { lane, door } of lanes) {
    const other = users.get(portName(door.port))
    if (other !== undefined) mistakes.push(`the door of lane ${lane} is on ${portName(door.port)}, and so is ${other}`)
    const relay = `${portName(door.port)} ${door.family === 'lcus' ? '' : door.address} ${door.channel}`
    if (relays.has(relay))
      mistakes.push(`two lanes have the same relay: channel ${door.channel} on ${portName(door.port)}`)
    relays.add(relay)
  }
  return mistakes
}
