import { join } from 'node:path'
import { fromHex } from '@gatehouse/shared/bytes.ts'
import { type Conditions, conditionsOf } from '@gatehouse/shared/decision/conditions.ts'
import { decide } from '@gatehouse/shared/decision/decide.ts'
import { explain } from '@gatehouse/shared/decision/explain.ts'
import { policyAtGate } from '@gatehouse/shared/decision/policy-at-gate.ts'
import { DEFAULT_LEASE } from '@gatehouse/shared/list/documents.ts'
import { type LeaseGrade, leaseGrade } from '@gatehouse/shared/list/lease.ts'
import type { PassBody } from '@gatehouse/shared/pass/body.ts'
import { isWorthARow, openPass, type PassKeys, presentedAs, timeOf } from '@gatehouse/shared/pass/check.ts'
import { type ReadPass, readPass } from '@gatehouse/shared/pass/read-pass.ts'
import { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { type Gate, readGate } from '../config.ts'
import { hardwareOf } from '../configuration/kept-configuration.ts'
import { passKeysOf } from '../core/pass-keys.ts'
import { onTheWall } from '../core/wall.ts'
import { groupBits } from '../lane.ts'
import { trustIn } from '../list/trust.ts'
import { lastGrantedIn } from '../store/granted-proofs.ts'
import { openListStore } from '../store/list-store.ts'
import { readJson } from './read-json.ts'
import { cannot } from './usage.ts'

export type InspectOptions = {
  readonly config?: string
  readonly identity?: string
  readonly at?: string
  readonly json?: true
}

type LaneAnswer = {
  readonly lane: string
  readonly direction: 'in' | 'out'
  readonly open: boolean
  readonly ground: string | null
  readonly refusal: string | null
  readonly visitor: string | null
  readonly guard: string | null
}

/** What there is to say of a code. Times are Unix seconds. */
type Inspection = {
  readonly type: ReadPass['type']
  readonly digits: number
  readonly passId: string
  readonly body: PassBody | null
  readonly timeS: number | null
  readonly devicePoint: string | null
  /** Null without an identity: nobody was asked. */
  readonly issuer: { readonly kid: string; readonly found: string } | null
  readonly held: string | null
  /** What a guard must see to when it opens; null where no gate was asked. */
  readonly conditions: Conditions | null
  /** The list that the gate has on its disk, and how old it is at that moment; null where it has none, or no gate was asked. */
  readonly list: { readonly version: number; readonly ageS: number; readonly grade: LeaseGrade } | null
  readonly lanes: readonly LaneAnswer[]
}

const LENGTHS = '185, 226, 244 or 469 digits'

export function inspectPass(text: string, options: InspectOptions): void {
  const digits = text.replace(/\s+/g, '')
  const nowS = momentOf(options.at)
  const gate = options.config === undefined ? null : gateAt(options.config)
  const identity = gate?.identity ?? (options.identity === undefined ? null : readJson(options.identity, GateIdentity))
  // The fields are the same for every school; only what was signed depends on it.
  const read = readPass(digits, identity?.tenant ?? 'none')
  if (!read.ok) {
    throw cannot(
      `malformed: these ${digits.length} characters are no pass. A pass is ${LENGTHS}, and its first byte must agree with their number.`,
    )
  }
  const inspection = inspect(digits, read.value, { gate, identity, nowS })
  process.stdout.write(options.json ? `${JSON.stringify(inspection)}\n` : `${told(inspection, gate, nowS)}\n`)
}

type Asked = { readonly gate: Gate | null; readonly identity: GateIdentity | null; readonly nowS: number }

function inspect(digits: string, pass: ReadPass, { gate, identity, nowS }: Asked): Inspection {
  const body = pass.type === 'reference' ? null : pass.certificate.body
  const keys = identity === null ? null : passKeysOf({ identity, trust: trustIn(identity.trust), inForce: () => null })
  const opened =
    identity === null || keys === null
      ? null
      : openPass(digits, { tenant: identity.tenant, nowS, clock: 'confirmed', keys })
  const asked = gate === null || keys === null ? null : atTheGate(digits, gate, keys, nowS)
  const held =
    opened === null || keys === null
      ? null
      : proofOf(presentedAs(opened, { keys, deviceKey: null, lastGrantedS: null }))
  return {
    type: pass.type,
    digits: digits.length,
    passId: pass.type === 'reference' ? pass.passId : pass.certificate.body.passId,
    body,
    timeS: timeOf(pass),
    devicePoint: pass.type === 'dynamic' ? Buffer.from(pass.devicePoint).toString('hex') : null,
    issuer:
      identity === null || body === null || opened?.certificate == null
        ? null
        : { kid: `${identity.tenant}/pass/${body.kid}`, found: opened.certificate.found },
    held: asked?.held ?? held,
    conditions: asked?.conditions ?? null,
    list: asked?.list ?? null,
    lanes: asked?.lanes ?? [],
  }
}

/** As a lane would see it, with the list and the memory that the gate has on its disk. Changes neither. */
function atTheGate(digits: string, { config, identity }: Gate, keys: PassKeys, nowS: number) {
  const store = openListStore(join(config.data, 'list'))
  try {
    const opened = openPass(digits, { tenant: identity.tenant, nowS, clock: 'confirmed', keys })
    const found = opened.passId !== null && isWorthARow(opened) ? store.findByPass(opened.passId) : null
    if (found?.ok === false) throw cannot(`The list in ${config.data} is damaged: start the gate, which makes it anew.`)
    const row = found?.value ?? null
    const lastGrantedS = opened.passId === null ? null : lastGrantedIn(join(config.data, 'journal.db'), opened.passId)
    const point = row === null ? null : store.deviceKey(row.passId)
    const deviceKey = point?.ok && point.value !== null ? fromHex(point.value) : null
    const presented = presentedAs(opened, { keys, deviceKey, lastGrantedS })
    const { version, issuedAtS, serialMax, policy: schools } = store.facts()
    const policy = policyAtGate(schools, identity.gateId)
    const ageS = version === 0 ? null : nowS - issuedAtS
    const list = ageS === null ? null : { version, ageS, grade: leaseGrade(policy.lease ?? DEFAULT_LEASE, ageS) }
    const lanes = (hardwareOf(config)?.lanes ?? []).map(({ lane, direction, groups }): LaneAnswer => {
      const decision = decide({
        presented,
        row,
        list: { serialMax, ageS, policy },
        lane: { groups: groupBits(groups), direction },
        at: { epochS: nowS, clock: 'confirmed', ...onTheWall(nowS * 1000, identity.timeZone) },
      })
      const refusal = decision.open ? decision.objection : decision.refusal
      const ground = decision.open ? decision.ground : null
      const words = refusal === null ? { visitor: null, guard: null } : explain(refusal)
      return { lane, direction, open: decision.open, ground, refusal, ...words }
    })
    return { held: proofOf(presented), conditions: conditionsOf({ presented, row }), list, lanes }
  } finally {
    store.close()
  }
}

function proofOf(presented: ReturnType<typeof presentedAs>): string | null {
  return presented.kind === 'card' || presented.proof === null ? null : presented.proof.held
}

const FOUND: Record<string, string> = {
  signed: 'the signature holds',
  bad_signature: 'the signature does NOT hold',
  unknown_key: 'no such key is trusted',
  unchecked: 'not checked: the code is not of this moment',
}

const HELD: Record<string, string> = {
  good: 'holds',
  bad: 'does NOT hold',
  no_secret: 'cannot be checked: this gate has no secret of its site',
  none: 'was not checked: no key of the phone is known here, or something before it had failed',
}

function told({ type, digits, passId, body, timeS, ...more }: Inspection, gate: Gate | null, nowS: number): string {
  const rows: [string, string][] = [['pass', passId]]
  if (body !== null) {
    const set = Object.entries(body.flags).flatMap(([flag, on]) => (on ? [flag] : []))
    rows.push(
      ['serial', `${body.serial}, generation ${body.generation}`],
      ['class', body.class],
      ['valid', `from ${iso(body.notBeforeS)} until ${iso(body.expiresS)}`],
      ['groups', groupsOf(body.groups)],
      ['time profile', body.profile === 0 ? '0, always' : String(body.profile)],
      ['flags', set.join(', ') || 'none'],
    )
  }
  if (timeS !== null) rows.push(['made', `${iso(timeS)}, ${agoOf(nowS - timeS)}`])
  if (more.devicePoint !== null) rows.push(['phone’s key', more.devicePoint])
  if (body !== null) rows.push(['signed by', issuerOf(body.kid, more.issuer)])
  if (more.held !== null) rows.push(['proof', HELD[more.held] ?? more.held])
  const lines = rows.map(([name, value]) => `  ${name.padEnd(13)}${value}`)
  if (gate !== null) {
    lines.push(`At gate ${gate.identity.shortName}, ${iso(nowS)}, were its clock right:`, `  ${listOf(more.list)}`)
    const seeTo = Object.entries(more.conditions ?? {}).flatMap(([condition, on]) => (on ? [condition] : []))
    if (seeTo.length > 0) lines.push(`  see to: ${seeTo.join(', ')}`)
    for (const lane of more.lanes) lines.push(`  ${lane.lane}, ${lane.direction}: ${verdictOf(lane)}`)
  }
  return [`${type.toUpperCase()}, ${digits} digits`, ...lines].join('\n')
}

function issuerOf(kid: number, issuer: Inspection['issuer']): string {
  if (issuer === null) return `key ${kid} of its school; --identity or --config tells whether the signature holds`
  return `${issuer.kid}: ${FOUND[issuer.found] ?? issuer.found}`
}

function verdictOf({ open, ground, refusal, guard }: LaneAnswer): string {
  if (!open) return `refused, ${refusal}. ${guard}`
  return refusal === null ? `opens, by ${ground}` : `opens, because nobody is kept in; coming in would be ${refusal}`
}

const GRADES: Record<LeaseGrade, string> = {
  fresh: 'fresh',
  stale: 'stale',
  old: 'old',
  last_resort: 'in its last resort',
}

function listOf(list: Inspection['list']): string {
  if (list === null) return 'no list yet: nobody can be let in'
  return `list ${list.version}, signed ${agoOf(list.ageS)}: ${GRADES[list.grade]}`
}

function groupsOf(groups: number): string {
  if (groups >>> 31 === 1) return `the set ${groups & 0x7fffffff} of the policy`
  return Array.from({ length: 31 }, (_, at) => at)
    .filter(at => (groups & (1 << at)) !== 0)
    .join(', ')
}

function agoOf(ageS: number): string {
  return ageS < 0 ? `${-ageS} s from now` : `${ageS} s ago`
}

function iso(epochS: number): string {
  return new Date(epochS * 1000).toISOString().replace('.000Z', 'Z')
}

function momentOf(at: string | undefined): number {
  const ms = at === undefined ? Date.now() : Date.parse(at)
  if (Number.isNaN(ms)) throw cannot(`--at ${at} is no time: write it as 2026-09-01T08:00:00Z`)
  return Math.floor(ms / 1000)
}

function gateAt(path: string): Gate {
  const gate = readGate(path)
  if (!gate.ok) throw cannot(gate.failure)
  return gate.value
}
