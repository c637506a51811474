import type { Command } from 'commander'
import { proveAudit } from '../audit/proof.ts'
import { sealAudit } from '../audit/sealer.ts'
import { readConfig } from '../config.ts'
import { findSchools } from '../db/definer.ts'
import { openDatabase } from '../db/open.ts'
import { inSchool } from '../db/school.ts'

const BROKEN = 3

type Told = { school?: string; expect?: string; json?: boolean }

export function addAudit(cloud: Command): void {
  cloud
    .command('audit')
    .description('The audit log: whether its chain holds.')
    .command('verify')
    .description('Walk the chain of every school and of the platform, and name the first row that does not hold.')
    .option('--school <tenant>', 'one school only')
    .option('--expect <number:hash>', 'an end of that school’s chain that was kept elsewhere: it has to be in it still')
    .option('--json', 'say it as JSON')
    .action(verify)
}

async function verify({ school, expect, json = false }: Told): Promise<void> {
  if (expect !== undefined && !/^\d{1,15}:[0-9a-f]{64}$/.test(expect)) {
    throw new Error(`--expect ${expect}: write it as number:hash, as an earlier run said it`)
  }
  if (expect !== undefined && school === undefined) throw new Error('--expect is of one school: name it with --school')
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(`the configuration is not right:\n${read.failure}`)
  await using database = await openDatabase(read.value, () => {})
  const { db } = database
  await sealAudit(db)
  const all = [{ id: null, tenant: 'the platform' }, ...(await findSchools(db))]
  const chosen = school === undefined ? all : all.filter(({ tenant }) => tenant === school)
  if (chosen.length === 0) throw new Error(`there is no school with the tenant ${school}`)
  const [number, hash] = expect?.split(':') ?? []
  const kept = hash === undefined ? null : { number: Number(number), hash }

  const proofs = []
  for (const { id, tenant } of chosen) {
    proofs.push({ chain: tenant, ...(await inSchool(db, id, tx => proveAudit(tx, kept))) })
  }
  if (json) console.log(JSON.stringify(proofs))
  else for (const proof of proofs) console.log(sentence(proof))
  if (proofs.some(({ holds }) => !holds)) process.exitCode = BROKEN
}

function sentence({
  chain,
  holds,
  rows,
  erased,
  head,
  broken,
}: { chain: string } & Awaited<ReturnType<typeof proveAudit>>) {
  if (!holds) return `${chain}: BROKEN at row ${broken!.number}: ${broken!.why}.`
  if (head === null) return `${chain}: nothing yet.`
  return `${chain}: holds, ${rows} rows (${erased} erased). Its end is ${head.number}:${head.hash}`
}
