import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'
import { GateConfig, GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { PortConfig, ReportPortConfig } from '@gatehouse/shared/wire/hardware/port.ts'
import { z } from 'zod'
import { onTheWall } from './core/wall.ts'

export type Gate = { readonly config: GateConfig; readonly identity: GateIdentity }

/** The gate's configuration and identity, its paths made absolute; or every mistake at once, a line each. */
export function readGate(path: string): Result<Gate, string> {
  const said = readAs(path, GateConfig)
  if (!said.ok) return said
  const config = resolved(said.value, dirname(resolve(path)))
  const identity = readAs(config.identity, GateIdentity)
  const mistakes = [...(identity.ok ? identityMistakes(identity.value) : [identity.failure])]
  if (identity.ok && identity.value.cloud === null && config.lanes.length === 0)
    mistakes.push(`${path}: lanes: a gate without a cloud is told its lanes here`)
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
  const placed = <Device extends { readonly port: PortConfig | ReportPortConfig }>(device: Device): Device =>
    device.port.kind === 'serial' ? { ...device, port: { ...device.port, path: from(device.port.path) } } : device
  return {
    identity: from(config.identity),
    data: from(config.data),
    status: config.status,
    boards: config.boards.map(board => ('port' in board ? placed(board) : board)),
    lanes: config.lanes.map(lane => ({ ...lane, readers: lane.readers.map(placed) })),
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
