import { z } from 'zod'
import { DoorConfig } from './door-config.ts'
import { ShortName } from './port.ts'
import { ReaderConfig } from './reader-config.ts'

export const LaneConfig = z.strictObject({
  lane: ShortName,
  name: z.string().min(1).max(64),
  direction: z.enum(['in', 'out']),
  /** Gate groups this access point is in, 0..30. */
  groups: z.array(z.int().min(0).max(30)).min(1).max(31),
  readers: z.array(ReaderConfig).min(1).max(8),
  door: DoorConfig,
})
export type LaneConfig = z.infer<typeof LaneConfig>
