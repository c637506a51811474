import type { JobState } from '@gatehouse/shared/wire/api/jobs.ts'
import type { Language, MailState } from '@gatehouse/shared/wire/api/mail.ts'
import type { ColumnType, Generated } from 'kysely'
import type { GeneratedInt8, Json, JsonOrNull } from '../db/column-types.ts'

export type JobTables = {
  readonly jobs: {
    id: string
    school_id: string | null
    kind: string
    title: string
    key: string | null
    body: Json
    state: JobState
    tries: Generated<number>
    done: GeneratedInt8
    total: ColumnType<string | null, number | null, number | null>
    words: string | null
    result: JsonOrNull
    error: string | null
    made_by: string | null
    made_at: Date
    run_after: Date
    give_up_at: Date | null
    started_at: Date | null
    ended_at: Date | null
    cancel_asked_at: Date | null
  }
  readonly mails: {
    id: string
    school_id: string | null
    job_id: Generated<string | null>
    template: string
    language: Language
    to_address: string
    to_name: string | null
    subject: string
    body: JsonOrNull<{ readonly text: string; readonly html: string }>
    state: MailState
    answer: Generated<string | null>
    made_at: Date
    ended_at: Generated<Date | null>
  }
  readonly outbox: {
    id: GeneratedInt8
    school_id: string | null
    kind: string
    body: Json
    created_at: Generated<Date>
    claimed_until: Date | null
  }
}
