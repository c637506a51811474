import type { TrustKeeper } from '../list/trust-keeper.ts'
import type { Log } from '../log.ts'
import type { Recorder } from '../recorder.ts'
import { sha256Hex } from '../store/sha256.ts'

export type TrustSyncNeeds = {
  readonly trust: TrustKeeper
  readonly recorder: Pick<Recorder, 'record'>
  readonly log: Log
  /** Told after other keys came in force. */
  readonly changed: () => void
}

/** Takes the bundles that come, and says what came of each: in force, or refused, once. */
export function trustSync({ trust, recorder, log, changed }: TrustSyncNeeds) {
  let refusedBefore = ''
  return {
    /** Bundles from the cloud or from a stick. Answers whether trust has changed. */
    async heard(text: string): Promise<boolean> {
      const before = trust.version
      const heard = await trust.hear(text)
      const hasChanged = trust.version !== before
      if (hasChanged) {
        log.info({ version: trust.version, epoch: trust.epoch }, 'trust.in_force')
        recorder.record({ kind: 'config', details: { trust: trust.version, epoch: trust.epoch } })
        changed()
      }
      if (!heard.ok) {
        const which = `${heard.failure} ${sha256Hex(text)}`
        if (which !== refusedBefore) {
          log.error({ failure: heard.failure, inForce: trust.version }, 'trust.refused')
          const kind = heard.failure === 'equivocation' ? 'alarm' : 'config'
          recorder.record({ kind, details: { trust: trust.version, refused: heard.failure } })
        }
        refusedBefore = which
      }
      return hasChanged
    },
  }
}
