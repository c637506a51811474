import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import { openPostgres } from '../../cloud/src/db/postgres.ts'
import { inSchool } from '../../cloud/src/db/school.ts'
import { signerOf } from '../../cloud/src/keys/school-keys.ts'
import { issueBatch } from '../../cloud/src/passes/pass-batch.ts'
import { passesAfter } from '../../cloud/src/passes/passes.repo.ts'
import { certificateOf, staticCode } from '../../cloud/src/passes/static-code.ts'
import { enterStudents } from '../../cloud/src/students/enter-students.ts'
import { jobBench } from '../../cloud/src/testing/job-bench.ts'
import { openCampus } from '../../cloud/src/testing/level-fixture.ts'
import { createDatabase, startPostgres } from '../../cloud/src/testing/postgres.ts'
import { show } from './figures.ts'

const PASSES = Number(process.env.GATEHOUSE_BENCH_PASSES ?? 10_000)
const CHUNK = 500

/** Passes for ten thousand students by a job, each with its signed code, beside raw pg that enters as many rows in chunks of the same size and signs as many bytes. */
export async function run(): Promise<void> {
  const server = await startPostgres({ asInSchools: true })
  try {
    const urls = await createDatabase(server)
    const oursS = await ours(urls)
    const floorS = await floor(urls.ownerUrl)
    const rate = (seconds: number) => `${Math.round(PASSES / seconds)} passes/s, ${seconds.toFixed(1)} s`
    show([
      { name: `${PASSES} passes by a job, signed`, figures: rate(oursS.issue + oursS.sign) },
      { name: '  of that the job', figures: rate(oursS.issue) },
      {
        name: 'raw pg and Ed25519',
        figures: `${rate(floorS)}, ours is`,
        ratio: floorS / (oursS.issue + oursS.sign),
      },
    ])
  } finally {
    await server.stop()
  }
}

async function ours(urls: { url: string; ownerUrl: string }): Promise<{ issue: number; sign: number }> {
  await using database = await openPostgres(urls)
  const { db } = database
  const campus = await openCampus(database)
  await using _cloud = campus.cloud
  const { schoolId, tenant } = campus.school
  const actor = { schoolId, userId: null, nowMs: Date.now() }
  for (let at = 0; at < PASSES; at += CHUNK) {
    const students = Array.from({ length: CHUNK }, (_, n) => ({
      studentNumber: `B-${at + n}`,
      firstName: 'Ada',
      lastName: `Number ${at + n}`,
    }))
    await inSchool(db, schoolId, tx => enterStudents(tx, campus.vault, actor, students))
  }
  const levelId = (await campus.call('POST', '/access-levels', { name: 'Everywhere', groups: [0, 1] })).body.data.id
  await using bench = await jobBench(database, schoolId)
  let began = performance.now()
  const begun = await campus.call('POST', '/pass-batches', { filter: {}, levelId })
  await bench.work({ pass_batch: issueBatch({ db, nowMs: Date.now }) })
  const job = await bench.until(begun.body.data.jobId, row => row.state === 'done' || row.state === 'failed')
  const issue = (performance.now() - began) / 1000
  if ((job.result as { issued?: number } | null)?.issued !== PASSES) throw new Error(`the job ended as ${job.state}`)

  began = performance.now()
  const signer = await inSchool(db, schoolId, tx => signerOf(tx, campus.vault, { schoolId, tenant }, 'pass'))
  for (let after: string | null = '0'; after !== null; ) {
    const from: string = after
    const rows = await inSchool(db, schoolId, tx => passesAfter(tx, { after: from, limit: CHUNK, nowMs: Date.now() }))
    for (const row of rows) await staticCode(signer, certificateOf(row))
    after = rows.length < CHUNK ? null : String(rows.at(-1)!.serial)
  }
  return { issue, sign: (performance.now() - began) / 1000 }
}

/** Rows of the same width with a unique serial, and a signature each. */
async function floor(ownerUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query(`create temporary table floor (pass_id text primary key, school_id uuid not null, student_id uuid not null,
      serial bigint not null unique, expires timestamptz not null, groups integer not null)`)
    const key = createPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const began = performance.now()
    for (let at = 0; at < PASSES; at += CHUNK) {
      const rows = Array.from({ length: CHUNK }, (_, n) => ({
        pass_id: randomBytes(8).toString('hex'),
        school_id: randomUUID(),
        student_id: randomUUID(),
        serial: at + n,
        expires: new Date(),
        groups: 3,
      }))
      await client.query('begin')
      await client.query('insert into floor select * from json_populate_recordset(null::floor, $1::json)', [
        JSON.stringify(rows),
      ])
      await client.query('commit')
      for (const { pass_id } of rows) sign(null, Buffer.from(pass_id.repeat(3)), key)
    }
    return (performance.now() - began) / 1000
  } finally {
    await client.end()
  }
}
