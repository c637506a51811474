import { randomInt, randomUUIDv7 } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Actor } from '../audit/actor.ts'
import type { Passwords } from '../auth/password.ts'
import { findSchools } from '../db/definer.ts'
import { enterSchool, inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { createDepartment, departmentsByName } from '../departments/departments.repo.ts'
import { createGate } from '../gates/gates.repo.ts'
import type { Vault } from '../keys/vault.ts'
import { addCredential, cardOf } from '../passes/credentials.repo.ts'
import { enterGroups } from '../passes/groups.repo.ts'
import { issuePass } from '../passes/issue-pass.ts'
import { revokePass, suspendPass } from '../passes/passes.repo.ts'
import { createSchool, createUser } from '../schools/schools.repo.ts'
import { createStudent } from '../students/students.repo.ts'
import { seedAccess } from './access.ts'
import { must } from './must.ts'
import { DEMO_ACCOUNTS, DEMO_STUDENTS, type DemoStudent } from './people.ts'

const SCHOOL = { name: 'Hillside College', tenant: 'hillside-college', timeZone: 'Europe/Amsterdam', country: 'NL' }
const NORTH = 0
const SOUTH = 1
const DAY_MS = 86_400_000

export type SeedNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly passwords: Passwords
  readonly nowMs: () => number
  /** Where the generated passwords are written, for the person who starts the demo. */
  readonly accountsFile: string
}

/**
 * A school to try things on, in an empty database only. False: there was a school already, and nothing was done.
 *
 * The accounts are written before the school is seen by anybody: a demo that nobody can sign in to is no demo.
 */
export async function seedDemo({ db, vault, passwords, nowMs, accountsFile }: SeedNeeds): Promise<boolean> {
  if ((await findSchools(db)).length > 0) return false
  const accounts = DEMO_ACCOUNTS.map(account => ({ ...account, password: generatedPassword() }))
  const hashed = await Promise.all(accounts.map(async one => ({ ...one, hash: await passwords.hash(one.password) })))
  writeAccounts(accountsFile, accounts)

  const schoolId = randomUUIDv7()
  const users = (tx: Tx, ofSchool: boolean) =>
    Promise.all(
      hashed
        .filter(({ role }) => (role !== 'super_admin') === ofSchool)
        .map(async ({ role, email, name, hash }) => {
          const user = { schoolId: ofSchool ? schoolId : null, email, displayName: name, role, passwordHash: hash }
          must(await createUser(tx, user))
        }),
    )
  await inSchool(db, schoolId, async tx => {
    must(await createSchool(tx, vault, { ...SCHOOL, schoolId }))
    await users(tx, true)
    const actor = { schoolId, userId: null, nowMs: nowMs() }
    await seedGates(tx, schoolId, actor.nowMs)
    const departments = await seedDepartments(tx, schoolId, actor.nowMs)
    const levels = await seedAccess(tx, actor, { north: NORTH, south: SOUTH, timeZone: SCHOOL.timeZone, departments })
    for (const student of DEMO_STUDENTS) await seedStudent(tx, vault, { actor, student, levels, departments })
    await linkAccounts(tx)
    await users(await enterSchool(tx, null), false)
  })
  return true
}

async function seedGates(tx: Tx, schoolId: string, nowMs: number): Promise<void> {
  const actor = { schoolId, userId: null, nowMs }
  await enterGroups(
    tx,
    schoolId,
    new Map([
      [NORTH, 'North campus'],
      [SOUTH, 'South campus'],
    ]),
  )
  must(
    await createGate(tx, actor, {
      name: 'North gate',
      shortName: 'north',
      accessPoints: [
        { lane: 'in', name: 'In', direction: 'in', groups: [NORTH] },
        { lane: 'out', name: 'Out', direction: 'out', groups: [NORTH] },
      ],
    }),
  )
  must(
    await createGate(tx, actor, {
      name: 'South gate',
      shortName: 'south',
      accessPoints: [{ lane: 'in', name: 'In', direction: 'in', groups: [SOUTH] }],
    }),
  )
}

async function seedDepartments(tx: Tx, schoolId: string, nowMs: number): Promise<ReadonlyMap<string, string>> {
  const names = new Set(DEMO_STUDENTS.flatMap(({ department }) => department ?? []))
  for (const name of names) must(await createDepartment(tx, { schoolId, userId: null, nowMs }, name))
  return departmentsByName(tx)
}

/** Made up from the number: birth dates, phones and streets of nobody. */
function personalOfDemo(number: string) {
  const n = Number(number.slice(2))
  const two = (value: number) => String(value).padStart(2, '0')
  return {
    enrolledOn: `${2023 + (n % 3)}-09-01`,
    birthDate: `${2003 + (n % 5)}-${two((n % 12) + 1)}-${two((n % 27) + 1)}`,
    phone: `06 1234 56${two(n)}`,
    privateEmail: `student${n}@home.example`,
    address: { lines: [`Kerkstraat ${n}`], postalCode: `35${two(n)} AB`, town: 'Utrecht', country: 'NL' },
  }
}

async function seedStudent(
  tx: Tx,
  vault: Vault,
  {
    actor,
    student,
    levels,
    departments,
  }: {
    readonly actor: Actor
    readonly student: DemoStudent
    readonly levels: { readonly everywhere: string; readonly southOnly: string }
    readonly departments: ReadonlyMap<string, string>
  },
): Promise<void> {
  const { nowMs } = actor
  const { number, first, last, department, email = null, card, pin, pass } = student
  const { id: studentId } = must(
    await createStudent(tx, vault, actor, {
      studentNumber: number,
      firstName: first,
      lastName: last,
      email,
      departmentId: department === null ? null : departments.get(department.toLowerCase())!,
      ...personalOfDemo(number),
    }),
  )
  if (pass === 'none') return
  const [fromDays, untilDays] = pass === 'expired' ? [-200, -3] : pass === 'not yet valid' ? [14, 200] : [-30, 300]
  const { pass_id: passId } = must(
    await issuePass(tx, actor, {
      studentId,
      levelId: pass === 'south only' ? levels.southOnly : levels.everywhere,
      notBeforeMs: nowMs + fromDays! * DAY_MS,
      expiresMs: nowMs + untilDays! * DAY_MS,
    }),
  )
  if (card !== undefined) {
    const typed = must(cardOf({ technology: 'em4100', bits: card }))
    must(await addCredential(tx, vault, { ...actor, tenant: SCHOOL.tenant }, { passId, card: typed }))
  }
  if (pin !== undefined) {
    const typed = must(cardOf({ technology: 'pin', bits: Buffer.from(pin, 'ascii').toString('hex') }))
    must(await addCredential(tx, vault, { ...actor, tenant: SCHOOL.tenant }, { passId, card: typed }))
  }
  if (pass === 'revoked') must(await revokePass(tx, actor, { passId, note: 'Lost his cube and his card.' }))
  if (pass === 'suspended') must(await suspendPass(tx, actor, { passId, note: 'Waiting for a new photo.' }))
}

/** A student's account is theirs by its e-mail. */
async function linkAccounts(tx: Tx): Promise<void> {
  await tx
    .updateTable('students')
    .from('users')
    .set(eb => ({ user_id: eb.ref('users.id') }))
    .whereRef('users.school_id', '=', 'students.school_id')
    .whereRef('users.email', '=', 'students.email')
    .where('users.role', '=', 'student')
    .execute()
}

/** No letters that are read as digits; 16 of 30 characters are 78 bits. */
const PASSWORD_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

export function generatedPassword(): string {
  const four = () => Array.from({ length: 4 }, () => PASSWORD_ALPHABET[randomInt(PASSWORD_ALPHABET.length)]).join('')
  return [four(), four(), four(), four()].join('-')
}

/** Whole or not at all, readable by its owner only. */
function writeAccounts(path: string, accounts: readonly { role: string; email: string; password: string }[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const half = `${path}.${process.pid}.half`
  const file = openSync(half, 'w', 0o600)
  writeSync(
    file,
    `${JSON.stringify(
      accounts.map(({ role, email, password }) => ({ role, email, password })),
      null,
      2,
    )}\n`,
  )
  fsyncSync(file)
  closeSync(file)
  renameSync(half, path)
}
