import type { PresentableKind } from '@gatehouse/shared/wire/api/gates.ts'
import type { Tx } from '../db/tables.ts'
import type { SchoolName } from '../keys/school-keys.ts'
import { signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { credentialsOf, openCards } from '../passes/credentials.repo.ts'
import { listPasses, type PassRow } from '../passes/passes.repo.ts'
import { certificateOf, staticCode } from '../passes/static-code.ts'
import { nameOf } from '../students/name.ts'

export type Presentable = { readonly label: string; readonly kind: PresentableKind; readonly value: string }

const CARDS_MAX = 40
const CODES_MAX = 2
/** A card that nobody has: what a gate says to it is worth seeing too. */
const STRANGER: Presentable = { label: 'A card nobody knows', kind: 'card', value: '0F00BADCAD' }

/** What can be held to the simulated readers. Card numbers leave the cloud here only, and only those of a demo. */
export async function presentableCredentials(tx: Tx, vault: Vault, school: SchoolName): Promise<Presentable[]> {
  const { rows } = await listPasses(tx, { page: 1, limit: CARDS_MAX, nowMs: Date.now() })
  const oldest = rows.toReversed()
  const passes = new Map(oldest.map(row => [row.pass_id, row]))
  const all = await credentialsOf(tx, [...passes.keys()])
  const rowsOfCards = all.filter(({ technology, bit_count }) => technology === 'em4100' && bit_count === 40)
  const bits = new Map((await openCards(tx, vault, school.schoolId, all)).map((card, at) => [all[at]!.id, card.bits]))
  const pins = all
    .filter(({ technology }) => technology === 'pin')
    .map((row): Presentable => {
      const digits = Buffer.from(bits.get(row.id)!, 'hex').toString('ascii')
      return { label: labelOf(passes.get(row.pass_id)!, 'PIN'), kind: 'pin', value: digits }
    })
  const cards = rowsOfCards.map((row): Presentable => {
    const label = labelOf(passes.get(row.pass_id)!, 'card')
    const isOnly = rowsOfCards.filter(({ pass_id }) => pass_id === row.pass_id).length === 1
    const value = bits.get(row.id)!.toUpperCase()
    return { label: isOnly ? label : `${label} …${row.ending}`, kind: 'card', value }
  })
  const signer = await signerOf(tx, vault, school, 'pass')
  const codes = oldest
    .filter(row => stateOf(row) === null)
    .slice(0, CODES_MAX)
    .map(async (row): Promise<Presentable> => {
      const value = await staticCode(signer, certificateOf(row))
      return { label: labelOf(row, 'QR'), kind: 'qr', value }
    })
  return [...cards, ...(await Promise.all(codes)), ...pins, STRANGER]
}

function labelOf(pass: PassRow, what: string): string {
  const state = stateOf(pass)
  return `${nameOf(pass)}, ${what}${state === null ? '' : ` (${state})`}`
}

function stateOf({ status, not_before, expires }: PassRow): string | null {
  if (status !== 'active') return status
  if (expires.getTime() <= Date.now()) return 'expired'
  return not_before.getTime() > Date.now() ? 'not yet valid' : null
}
