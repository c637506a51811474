import { once } from 'node:events'
import { join } from 'node:path'
import { nodePassKeys } from '@gatehouse/shared/cli/node-pass-keys.ts'
import { PHONE, SITE_SECRET } from '@gatehouse/shared/pass/testing/test-campus.ts'
import { ok, type Result } from '@gatehouse/shared/result.ts'
import { expect } from 'vitest'
import { cardKeyOf } from '../core/card-key.ts'
import { groupBits, laneOf } from '../lane.ts'
import { keepList } from '../list/list-keeper.ts'
import { trustIn } from '../list/trust.ts'
import type { Clock, Credential, DoorFailure, Grant } from '../ports.ts'
import { recorderOn } from '../recorder.ts'
import { openJournal } from '../store/journal.ts'
import { openListStore } from '../store/list-store.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { memoryLog } from './memory-log.ts'
import { NOW_S, passRow, type TestListChange, testSchool } from './school.ts'
import { tempFolder } from './temp-folder.ts'

/** The school whose gate it is. */
export const school = testSchool()
export const cardSecret = Buffer.alloc(32, 7)
export const card = (bits: string): Credential => ({ kind: 'card', card: { technology: 'em4100', bitCount: 40, bits } })
export const code = (text: string): Credential => ({ kind: 'code', text })
export const LISTED = card('01000734e0')
export const cards: readonly [string, string][] = [
  [cardKeyOf(cardSecret, { technology: 'em4100', bitCount: 40, bits: '01000734e0' }), passRow().passId],
]

const GATE = 'gate-north-1'

export type Setup = {
  readonly list?: TestListChange | null
  readonly direction?: 'in' | 'out'
  readonly pagesMax?: number
  readonly door?: Result<null, DoorFailure>
  readonly deviceKey?: Uint8Array | null
  readonly totpSecret?: Uint8Array | null
  /** Where an earlier process left its journal. */
  readonly folder?: string
  /** Both clocks, where they are not to stand at NOW_S. */
  readonly clock?: HandClock
  /** The newest moment that somebody had signed before the start. */
  readonly floorMs?: number
}

/** One access point of one gate: real journal, real list, a clock in the hand and a door that writes down when it was released. */
export async function oneLane({
  list = {},
  direction = 'in',
  pagesMax,
  door = ok(null),
  deviceKey = PHONE.point,
  totpSecret = SITE_SECRET,
  ...setup
}: Setup = {}) {
  const folder = setup.folder ?? (await tempFolder())
  const clock = setup.clock ?? handClock(NOW_S * 1000)
  const path = join(folder, 'journal.db')
  const journal = openJournal({ path, gate: GATE, ...(pagesMax === undefined ? {} : { pagesMax }) })
  if (setup.floorMs !== undefined) journal.raiseTimeFloor(setup.floorMs)
  const log = memoryLog()
  const trust = trustIn(school.trust)
  const store = openListStore(join(folder, 'list'))
  const keeper = keepList({
    store,
    tenant: school.tenant,
    scope: 'main',
    trust,
    journal,
    now: () => ({ epochS: NOW_S, confirmed: false }),
    damaged() {},
  })
  if (list !== null) expect(await keeper.carry(await school.signList({ cards, ...list }))).toMatchObject({ ok: true })
  const changed = new EventTarget()
  const bootId = '019a0000-0000-7000-8000-000000000000'
  const recorderWith = (clock: Clock) =>
    recorderOn({
      journal,
      clock,
      bootId,
      list: () => keeper.facts(),
      recorded: () => changed.dispatchEvent(new Event('change')),
    })
  const recorder = recorderWith(clock)
  /** What the journal held when the door was released, an entry a release. */
  const releases: string[][] = []
  /** Whom the door was released for, by the event and the pass. */
  const grants: Grant[] = []
  /** Bits of the cards that were read badly. */
  const misread: string[] = []
  const kinds = () => journal.after(0, 10_000).map(({ record }) => record.kind)
  const build = (name: string) =>
    laneOf({
      lane: name,
      gateId: GATE,
      direction,
      groups: groupBits([0]),
      tenant: school.tenant,
      timeZone: 'Europe/Berlin',
      cardSecret,
      keys: nodePassKeys({
        issuerKey: (kid, nowS) => trust.find('pass', `${school.tenant}/pass/${kid}`, nowS),
        totpSecret,
        inForce: () => keeper.facts().version,
      }),
      list: keeper,
      deviceKey: async () => deviceKey,
      granted: journal,
      recorder,
      log,
      cardMisread: (_reader, { bits }) => misread.push(bits),
      door: {
        pulse: 'hardware-timed',
        evidence: 'none',
        async release(_grantedAtMs, grant) {
          grants.push(grant)
          releases.push(kinds())
          return door
        },
      },
    })
  const built = build('main')
  const present = async (credential: Credential, readerId = 'reader') => {
    await built.attempt({ readerId, credential, atMs: clock.monotonicMs() })
    return journal.after(0, 10_000).at(-1)?.record
  }
  /** Resolves when so many events were written. */
  const events = async (count: number) => {
    while (journal.highest() < count) await once(changed, 'change')
    return journal.after(0, count).map(({ record }) => record)
  }
  return {
    events,
    present,
    recorder,
    recorderWith,
    lane: built,
    build,
    journal,
    clock,
    log,
    releases,
    misread,
    grants,
    kinds,
    folder,
    store,
  }
}

export const { made } = school

/** An event to fill a journal with. */
export const journalFiller = {
  kind: 'passage' as const,
  listVersion: 0,
  policyHash: 'a'.repeat(64),
  trustedTimeMs: 1,
  wallTimeMs: 1,
  monotonicMs: 1,
  clockQuality: 'unconfirmed' as const,
  bootId: '019a0000-0000-7000-8000-000000000000',
  details: { note: 'x'.repeat(300) },
}
