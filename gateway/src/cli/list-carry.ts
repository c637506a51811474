import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrustChain } from '@gatehouse/shared/list/bundle-jws.ts'
import { LIST_HEAD_TYP, ListHead } from '@gatehouse/shared/list/documents.ts'
import { TABLES } from '@gatehouse/shared/list/rows.ts'
import { GateIdentity } from '@gatehouse/shared/wire/gate-config.ts'
import { Command } from 'commander'
import { type Gate, readGate } from '../config.ts'
import { decodeCarried, encodeCarried } from '../list/carried-list.ts'
import { keepList } from '../list/list-keeper.ts'
import { keepTrust, type TrustKeeper } from '../list/trust-keeper.ts'
import { verifyHead, verifyPolicy, verifyTables } from '../list/verify-list.ts'
import { lockFolder } from '../store/folder-lock.ts'
import { openJournal } from '../store/journal.ts'
import { openListStore } from '../store/list-store.ts'
import { writeWhole } from '../store/write-whole.ts'
import { readJson } from './read-json.ts'
import { cannot, examples } from './usage.ts'

type OfGate = { readonly config: string }

/** `list inspect`: what a list says of itself. */
export function listInspectCommand(): Command {
  return new Command('inspect')
    .description('Tell what a list in a file says of itself. Nothing is verified: that is `list verify`.')
    .argument('<list.ghl>')
    .addHelpText('after', examples('gatehouse list inspect north/list.ghl'))
    .action((file: string) => tell(headIn(file)))
}

/** `list verify`: whether a gate would believe it. */
export function listVerifyCommand(): Command {
  return new Command('verify')
    .description('Check a list in a file as the gate would: signatures, hashes, every row, the root.')
    .argument('<list.ghl>')
    .requiredOption('--identity <file>', 'identity.json of a gate: whom it trusts')
    .addHelpText('after', examples('gatehouse list verify north/list.ghl --identity north/identity.json'))
    .action(async (file: string, { identity }: { identity: string }) => {
      const carried = carriedIn(file)
      const trust = await trustWithout(readJson(identity, GateIdentity))
      if (carried.trust !== undefined) await hear(trust, file, carried.trust)
      const head = await verifyHead(carried.headJws, trust)
      if (!head.ok) throw cannot(`${file}: the head is refused as ${head.failure}`)
      const base = await verifyHead(carried.baseJws, trust)
      if (!base.ok) throw cannot(`${file}: the head of the tables is refused as ${base.failure}`)
      const policy = await verifyPolicy(carried.policyJws, head.value, trust)
      if (!policy.ok) throw cannot(`${file}: the policy is refused as ${policy.failure}`)
      const tables = await verifyTables(carried.files, base.value.snapshot)
      if (!tables.ok) throw cannot(`${file}: the tables are refused as ${tables.failure}`)
      tell(head.value)
    })
}

/** `list export`: the list in force, onto a stick. */
export function listExportCommand(): Command {
  return new Command('export')
    .description('Write the list that a gate has in force into one file, to carry it to another gate of its scope.')
    .requiredOption('--config <file>', 'gate.json of the gate')
    .requiredOption('--out <file>', 'the file to write')
    .addHelpText('after', examples('gatehouse list export --config north/gate.json --out /media/stick/list.ghl'))
    .action(async ({ config, out }: OfGate & { out: string }) => {
      const gate = gateIn(config)
      const store = openListStore(join(gate.config.data, 'list'))
      try {
        const kept = store.kept()
        if (kept === null) throw cannot(`the gate of ${config} has no list yet`)
        const trust = await trustWithout(gate.identity, join(gate.config.data, 'trust.json'))
        writeWhole(out, `${encodeCarried({ ...kept, trust: trust.chain() ?? undefined })}\n`)
        const { version, issuedAtS } = store.facts()
        process.stdout.write(`${out}: version ${version} of ${dateOf(issuedAtS)}\n`)
      } finally {
        store.close()
      }
    })
}

/** `list import`: a list from a stick, at a gate that stands still. */
export function listImportCommand(): Command {
  return new Command('import')
    .description(
      'Put a carried list in force at a gate that is stopped. It may be past its expiry, but must be newer than the one in force.',
    )
    .argument('<list.ghl>')
    .requiredOption('--config <file>', 'gate.json of the gate')
    .addHelpText('after', examples('gatehouse list import /media/stick/list.ghl --config north/gate.json'))
    .action(async (file: string, { config }: OfGate) => {
      const gate = gateIn(config)
      const carried = carriedIn(file)
      mkdirSync(gate.config.data, { recursive: true, mode: 0o700 })
      const lock = lockFolder(gate.config.data)
      const { gateId, tenant, scope } = gate.identity
      const journal = openJournal({ path: join(gate.config.data, 'journal.db'), gate: gateId })
      const store = openListStore(join(gate.config.data, 'list'))
      const now = () => ({ epochS: Math.floor(Date.now() / 1000), confirmed: false })
      try {
        const path = join(gate.config.data, 'trust.json')
        const trust = await keepTrust({ identity: gate.identity, path, journal, now, unkept: rethrown })
        if (carried.trust !== undefined) await hear(trust, file, carried.trust)
        const keeper = keepList({
          store,
          tenant,
          scope,
          trust,
          journal,
          now,
          damaged() {},
        })
        const taken = await keeper.carry(readFileSync(file, 'utf8'))
        if (!taken.ok) {
          throw cannot(`${file} is refused as ${taken.failure}; version ${keeper.facts().version} stays in force`)
        }
        process.stdout.write(`version ${taken.value.version} of ${dateOf(taken.value.issuedAtS)} is in force\n`)
      } finally {
        store.close()
        journal.close()
        lock.release()
      }
    })
}

/** Trust as it stands on the disk, where nothing is to be written. */
function trustWithout(identity: GateIdentity, path: string | null = null): Promise<TrustKeeper> {
  return keepTrust({
    identity,
    path,
    journal: { trustFloor: () => ({ version: 0, epoch: 0 }), raiseTrustFloor() {} },
    now: () => ({ epochS: 0, confirmed: false }),
    unkept: rethrown,
  })
}

/** A person is there, who can make room and begin again. */
function rethrown(error: unknown): never {
  throw error
}

async function hear(trust: TrustKeeper, file: string, bundles: TrustChain): Promise<void> {
  const heard = await trust.hear(JSON.stringify(bundles))
  if (!heard.ok && heard.failure !== 'older_version')
    throw cannot(`${file}: its trust bundle is refused as ${heard.failure}`)
}

function gateIn(config: string): Gate {
  const read = readGate(config)
  if (!read.ok) throw cannot(read.failure)
  return read.value
}

function carriedIn(file: string) {
  if (!existsSync(file)) throw cannot(`there is no ${file}`)
  const carried = decodeCarried(readFileSync(file, 'utf8'))
  if (!carried.ok) throw cannot(`${file} is no list: make one with ./gatehouse list make or ./gatehouse list export`)
  return carried.value
}

function headIn(file: string): ListHead {
  const payload = carriedIn(file).headJws.split('.')[1] ?? ''
  try {
    return ListHead.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  } catch {
    throw cannot(`${file} has no ${LIST_HEAD_TYP} in it`)
  }
}

function tell({ issuer, scope, epoch, version, issuedAtS, expiresS, stateRoot, serialMax, snapshot }: ListHead): void {
  const tables = TABLES.map(table => `${table} ${snapshot.files[table].rows}`).join(', ')
  process.stdout.write(
    `school ${issuer}, scope ${scope}, epoch ${epoch}, version ${version}
of ${dateOf(issuedAtS)}, from the network until ${dateOf(expiresS)}
rows: ${tables}; codes beyond serial ${serialMax} are newer
root ${stateRoot}
`,
  )
}

function dateOf(epochS: number): string {
  return new Date(epochS * 1000).toISOString()
}
