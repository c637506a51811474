import type { ApplicationEntry } from '@gatehouse/shared/wire/api/applications.ts'
import type DataLoader from 'dataloader'
import { findApplications } from '../applications/queue.repo.ts'
import { type Check, checksOf, entriesOf, type Told, toldOf, type Wanted, wantedOf } from '../applications/told.ts'
import { readsPersonal } from '../http/bind.ts'
import type { ApplicationShown } from './applications-shown.ts'
import { type Batch, type LoaderNeeds, mostOf } from './batch.ts'

type EntriesOf = { readonly of: ApplicationShown; readonly limit: number }

/** What stands beside applications, as REST shows it of one. */
export type ApplicationLoaders = {
  readonly told: DataLoader<ApplicationShown, Told, string>
  readonly checks: DataLoader<ApplicationShown, readonly Check[], string>
  /** The newest first. */
  readonly entries: DataLoader<EntriesOf, readonly ApplicationEntry[], string>
  readonly wanted: DataLoader<ApplicationShown, readonly Wanted[], string>
}

export function applicationLoaders({ who, needs }: LoaderNeeds, batch: Batch): ApplicationLoaders {
  const isOwn = who.role === 'student'
  const read = (tx: Parameters<Batch['told']>[0], rows: readonly ApplicationShown[]) =>
    batch.told(
      tx,
      'application.read',
      rows.map(({ student }) => student.id),
    )
  const idOf = ({ id }: ApplicationShown) => id

  return {
    told: batch.of(async (tx, shown) => {
      await read(tx, shown)
      const rows = await findApplications(tx, shown.map(idOf))
      const told = await toldOf(tx, needs.vault, rows, { personal: isOwn || readsPersonal(who) })
      const byId = new Map(rows.map(({ id }, at) => [id, told[at]!]))
      return shown.map(({ id }) => byId.get(id)!)
    }, idOf),
    checks: batch.of(async (tx, shown) => {
      await read(tx, shown)
      const byId = await checksOf(tx, shown.map(idOf))
      return shown.map(({ id }) => byId.get(id) ?? [])
    }, idOf),
    entries: batch.of(
      async (tx, keys) => {
        const shown = keys.map(key => key.of)
        await read(tx, shown)
        const ids = [...new Set(shown.map(idOf))]
        const byId = await entriesOf(tx, ids, { to: isOwn ? 'applicant' : 'reviewer', ofEach: mostOf(keys) })
        return keys.map(key => (byId.get(key.of.id) ?? []).toReversed().slice(0, key.limit))
      },
      ({ of, limit }) => `${of.id} ${limit}`,
    ),
    wanted: batch.of(async (tx, shown) => {
      await read(tx, shown)
      const byId = await wantedOf(tx, shown)
      return shown.map(({ id }) => byId.get(id) ?? [])
    }, idOf),
  }
}
