import type { HardwareConfig } from './hardware-config.ts'
import { hardwareMistakes, type Mistake } from './mistakes.ts'
import type { PortConfig, ReportPortConfig } from './port.ts'

/** What is wrong with hardware that is described elsewhere than at the gate: a path has no folder there that it could be relative to. */
export function sentMistakes(hardware: HardwareConfig): Mistake[] {
  const { boards, lanes } = hardware
  return [
    ...hardwareMistakes(hardware),
    ...boards.flatMap((board, at) => ('port' in board ? pathMistake(board.port, ['boards', at]) : [])),
    ...lanes.flatMap(({ readers }, laneAt) =>
      readers.flatMap(({ port }, at) => pathMistake(port, ['lanes', laneAt, 'readers', at])),
    ),
  ]
}

function pathMistake(port: PortConfig | ReportPortConfig, path: readonly (string | number)[]): Mistake[] {
  if (port.kind !== 'serial' || port.path.startsWith('/')) return []
  return [{ path: [...path, 'port', 'path'], message: 'must begin with /, such as /dev/serial/by-id/…' }]
}
