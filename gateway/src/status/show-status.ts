import type { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'
import type { Log } from '../log.ts'
import type { Recorder } from '../recorder.ts'
import type { Journal } from '../store/journal.ts'
import type { ShownEvent } from './status-html.ts'
import { statusPage } from './status-page.ts'

/** The newest events on the page. */
const EVENTS_SHOWN = 20

export type ShowStatusNeeds = {
  /** Null: no page is wanted. */
  readonly config: { readonly port: number } | null
  readonly identity: Pick<GateIdentity, 'gateId' | 'name' | 'timeZone' | 'cloud'>
  readonly journal: Pick<Journal, 'after' | 'highest'>
  readonly recorder: Pick<Recorder, 'now'>
  readonly state: () => GateState
  readonly log: Log
}

/** Shows how the gate is. A gate whose port is taken goes on without its page: nobody is kept out for that. */
export async function showStatus(needs: ShowStatusNeeds): Promise<{ close(): Promise<void> }> {
  const { config, identity, journal, recorder, state, log } = needs
  if (config === null) return { async close() {} }
  try {
    const page = await statusPage(config.port, () => {
      const now = state()
      return {
        name: identity.name,
        timeZone: identity.timeZone,
        gateId: identity.gateId,
        hasCloud: identity.cloud !== null,
        nowMs: recorder.now().trustedMs,
        listIssuedAtMs: now.listVersion ? (now.listIssuedAtS ?? 0) * 1_000 : null,
        state: now,
        events: eventsOf(journal),
      }
    })
    log.info({ url: page.url }, 'status.shown')
    return page
  } catch (error) {
    log.warn({ port: config.port, problem: (error as Error).message }, 'status.not_shown')
    return { async close() {} }
  }
}

/** Without passes and cards: whoever may look at this machine's pages need not know who went where. */
function eventsOf({ after, highest }: ShowStatusNeeds['journal']): ShownEvent[] {
  return after(Math.max(0, highest() - EVENTS_SHOWN), EVENTS_SHOWN)
    .map(({ record: { sequence, trustedTimeMs, kind, lane, decision, details = {} } }) => ({
      sequence,
      atMs: trustedTimeMs,
      kind,
      lane: lane ?? null,
      why: decision?.refusal ?? decision?.ground ?? Object.values(details).join(' '),
    }))
    .toReversed()
}
