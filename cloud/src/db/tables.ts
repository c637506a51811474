import type { Kysely, Selectable, Transaction } from 'kysely'
import type { AccessLevelTables } from '../access-levels/tables.ts'
import type { ApplicationTables } from '../applications/tables.ts'
import type { AuditTables } from '../audit/tables.ts'
import type { AuthTables } from '../auth/tables.ts'
import type { FileTables } from '../files/tables.ts'
import type { GateTables } from '../gates/tables.ts'
import type { JobTables } from '../jobs/tables.ts'
import type { KeyTables } from '../keys/tables.ts'
import type { ListTables } from '../lists/list-tables.ts'
import type { NotificationTables } from '../notifications/tables.ts'
import type { PassTables } from '../passes/tables.ts'
import type { SchoolTables } from '../schools/tables.ts'
import type { ImportTables } from '../sis/tables.ts'
import type { StudentTables } from '../students/tables.ts'
import type { VisitorTables } from '../visitors/tables.ts'

/** The tables as `schema.sql` has them, each room's in its own file. Times are UTC. */
export type Tables = ApplicationTables &
  AccessLevelTables &
  AuditTables &
  AuthTables &
  FileTables &
  GateTables &
  ImportTables &
  JobTables &
  KeyTables &
  ListTables &
  NotificationTables &
  PassTables &
  SchoolTables &
  StudentTables &
  VisitorTables

export type Row<Name extends keyof Tables> = Selectable<Tables[Name]>

/** The database, or a transaction on it. Everything in a `*.repo.ts` takes either. */
export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>
