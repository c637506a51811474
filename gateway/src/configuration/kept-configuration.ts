import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GateConfiguration } from '@gatehouse/shared/command/gate-configuration.ts'
import type { GateConfig } from '@gatehouse/shared/wire/gate-config.ts'
import type { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import { z } from 'zod'
import { sha256Hex } from '../store/sha256.ts'
import { writeWhole } from '../store/write-whole.ts'

/** What a gate remembers of the cloud's configurations over a restart. */
const Kept = z.strictObject({
  /** The last good one; null before the first. */
  inForce: GateConfiguration.nullable(),
  /** What is not right with it, though it is in force: there was none before it to go back to. */
  trouble: z.string().nullable(),
  /** The version on trial. After a start: the process ended within the trial. */
  trial: z.int().nullable(),
  /** The version that did not hold, and why. */
  refused: z.strictObject({ version: z.int(), problem: z.string() }).nullable(),
})
export type KeptConfiguration = z.infer<typeof Kept>

export const NOTHING_KEPT: KeptConfiguration = { inForce: null, trouble: null, trial: null, refused: null }

const Checked = z.object({ sha256: z.string(), kept: z.string() })

export type ConfigurationFile = {
  /** What was written last. A file that is not there, or not as it was written, is as good as none. */
  read(): KeptConfiguration
  /** Durable when it returns. Throws on a full disk, and what was kept before stays. */
  write(kept: KeptConfiguration): void
}

export function configurationFile(path: string): ConfigurationFile {
  return {
    read() {
      try {
        const { sha256, kept } = Checked.parse(JSON.parse(readFileSync(path, 'utf8')))
        return sha256Hex(kept) === sha256 ? Kept.parse(JSON.parse(kept)) : NOTHING_KEPT
      } catch {
        return NOTHING_KEPT
      }
    },
    write(kept) {
      const text = JSON.stringify(kept)
      writeWhole(path, JSON.stringify({ sha256: sha256Hex(text), kept: text }), 0o600)
    },
  }
}

export const configurationPath = (data: string) => join(data, 'configuration.json')

/** What the lanes of a gate are at its next start: its own file's, else the last good ones of the cloud; null: nothing describes them. */
export function hardwareOf({ data, boards, lanes }: GateConfig): HardwareConfig | null {
  return lanes.length > 0 ? { boards, lanes } : configurationFile(configurationPath(data)).read().inForce
}
