import type { Mapping } from '@gatehouse/shared/wire/api/import-fields.ts'
import type {
  ImportKind,
  ImportOutcome,
  ImportPlan,
  ImportState,
  RowAction,
  Stop,
  UndoOutcome,
} from '@gatehouse/shared/wire/api/imports.ts'
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedInt8, Json, JsonOrNull } from '../db/column-types.ts'
import type { StudentStatus } from '../students/tables.ts'
import type { Written } from './read/open-file.ts'

export type ImportTables = {
  readonly import_sources: {
    id: string
    school_id: string
    name: string
    oneroster: '1.1' | '1.2'
    base_url: string
    token_url: string
    client_id: string
    sealed_secret: string
    mapping: Json<Mapping>
    stop: Json<Stop>
    cron: string | null
    apply_alone: boolean
    version: Generated<number>
    created_at: Date
    updated_at: Date
  }
  readonly imports: {
    id: string
    school_id: string
    source_id: string | null
    kind: ImportKind
    name: string
    state: ImportState | 'uploading'
    bytes: GeneratedInt8
    written: JsonOrNull<Written>
    headings: ColumnType<readonly string[], string | undefined, string>
    mapping: Json<Mapping>
    stop: Json<Stop>
    plan: JsonOrNull<ImportPlan>
    held: Generated<boolean>
    outcome: JsonOrNull<ImportOutcome>
    undo: JsonOrNull<UndoOutcome>
    problem: string | null
    failed_in: 'planning' | 'applying' | 'undoing' | null
    job_id: string | null
    done: Generated<number>
    total: number | null
    made_by: string | null
    made_by_name: string | null
    made_at: Date
    planned_at: Date | null
    applied_at: Date | null
    undone_at: Date | null
    version: Generated<number>
  }
  readonly import_chunks: { school_id: string; import_id: string; number: number; sealed: string }
  readonly import_rows: {
    school_id: string
    import_id: string
    number: number
    in_file: boolean
    student_number: string | null
    student_id: string | null
    sealed: string | null
    faults: JsonOrNull<readonly { readonly column: string | null; readonly message: string }[]>
    action: RowAction | null
    fields: Generated<string[]>
    status_from: StudentStatus | null
    status_to: StudentStatus | null
    department: string | null
    email: string | null
    status_word: string | null
    version_seen: number | null
    version_after: number | null
    sealed_before: string | null
    outcome: Generated<'planned' | 'done' | 'passed_over'>
    undone: 'restored' | 'archived' | 'kept' | null
  }
}
