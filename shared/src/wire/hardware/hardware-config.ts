import { z } from 'zod'
import { BoardConfig } from './board-config.ts'
import { boardsInPlace } from './boards-in-place.ts'
import { LaneConfig } from './lane-config.ts'
import { hardwareMistakes } from './mistakes.ts'

/** What hangs on a gate: boards, and the lanes whose doors and contacts are wired to them. */
export const HARDWARE_SHAPE = {
  boards: z.array(BoardConfig).max(16),
  lanes: z.array(LaneConfig).min(1).max(16),
}

export const HardwareConfig = z.preprocess(
  boardsInPlace,
  z.strictObject(HARDWARE_SHAPE).superRefine((config, context) => {
    for (const mistake of hardwareMistakes(config)) context.addIssue({ code: 'custom', ...mistake })
  }),
)
export type HardwareConfig = z.infer<typeof HardwareConfig>
