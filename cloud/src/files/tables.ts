import type { FileCategory, FileRefusal, FileScan, FileState } from '@gatehouse/shared/wire/api/files.ts'
import type { MediaType } from '@gatehouse/shared/wire/contract.ts'
import type { ColumnType, Generated } from 'kysely'

type Int8 = ColumnType<string, number | string, number | string>

export type FileTables = {
  readonly files: {
    id: string
    school_id: string
    category: FileCategory
    state: Generated<FileState>
    refusal: Generated<FileRefusal | null>
    name: string
    media_type: MediaType
    bytes: number
    sha256: string
    storage_name: string
    /** Null once the bytes are gone. */
    sealed_key: string | null
    scan: Generated<FileScan>
    photo_bytes: Generated<number | null>
    thumbnail_bytes: Generated<number | null>
    owner_student_id: string | null
    owner_user_id: string | null
    uploaded_by: string | null
    uploaded_at: Date
    settled_at: Generated<Date | null>
    removed_at: Generated<Date | null>
    bytes_gone_at: Generated<Date | null>
  }
  readonly file_limits: {
    school_id: string
    version: Generated<number>
    school_bytes_max: Int8
    owner_bytes_max: Int8
    changed_at: Date
  }
  readonly student_photos: { school_id: string; student_id: string; file_id: string; since: Date }
}
