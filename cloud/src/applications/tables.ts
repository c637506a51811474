import type { Answers } from '@gatehouse/shared/applications/answers.ts'
import type { FormContent } from '@gatehouse/shared/applications/form.ts'
import type { ApplicationActor, ApplicationEvent, ApplicationStatus } from '@gatehouse/shared/applications/machine.ts'
import type { CheckKind, CheckState, Finding } from '@gatehouse/shared/wire/api/applications.ts'
import type { ColumnType, Generated } from 'kysely'

type Json<Said> = ColumnType<Said, string, string>
type JsonGenerated<Said> = ColumnType<Said, string | undefined, string>

export type ApplicationTables = {
  readonly application_forms: {
    school_id: string
    version: number
    content: Json<FormContent>
    made_by: string | null
    made_at: Date
  }
  readonly applications: {
    id: string
    school_id: string
    student_id: string
    form_version: number
    status: Generated<ApplicationStatus>
    answers: JsonGenerated<Answers>
    sealed_answers: Generated<string | null>
    person_index: Generated<string | null>
    assigned_to: Generated<string | null>
    begun_at: Date
    submitted_at: Generated<Date | null>
    due_at: Generated<Date | null>
    reminded_at: Generated<Date | null>
    decided_at: Generated<Date | null>
    decided_by: Generated<string | null>
    reason: Generated<string | null>
    pass_id: Generated<string | null>
    version: Generated<number>
    updated_at: Date
  }
  readonly application_files: { school_id: string; application_id: string; field: string; file_id: string }
  readonly application_checks: {
    school_id: string
    application_id: string
    kind: CheckKind
    state: Generated<CheckState>
    read: JsonGenerated<readonly string[]>
    findings: JsonGenerated<readonly Finding[]>
    asked_at: Date
    done_at: Generated<Date | null>
  }
  readonly application_entries: {
    id: string
    school_id: string
    application_id: string
    at: Date
    side: ApplicationActor
    made_by: string | null
    kind: 'event' | 'comment'
    event: ApplicationEvent | null
    to_status: ApplicationStatus | null
    internal: Generated<boolean>
    text: string | null
  }
}
