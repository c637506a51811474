import { createStudent, STUDENT_STATUSES, type Student, updateStudent } from '@gatehouse/shared/wire/api/students.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { DepartmentChoice } from './department-choice.tsx'
import { fullName, passCountWords, STATUS_WORDS } from './student-words.ts'

/** Enters a student, or changes one; says what a new status will do to the passes before it is done. */
export function StudentForm({
  open,
  onClose,
  student,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly student: Student | null
}) {
  return (
    <Dialog open={open} onClose={onClose} title={student === null ? 'Enter a student' : 'Change the student'}>
      <Fields onClose={onClose} student={student} />
    </Dialog>
  )
}

function Fields({ onClose, student }: { readonly onClose: () => void; readonly student: Student | null }) {
  const create = useDo(createStudent)
  const update = useDo(updateStudent, ['passes'])
  const say = useSay()
  const [status, setStatus] = useState<Student['status']>(student?.status ?? 'active')
  const [departmentId, setDepartmentId] = useState<string | null>(student?.department?.id ?? null)
  const error = create.error ?? update.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  const effect = student ? effectOn(student, status) : null

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const body = {
      studentNumber: text('studentNumber'),
      firstName: text('firstName'),
      lastName: text('lastName'),
      email: text('email') || null,
      departmentId,
      status,
    }
    const done = () => {
      say({ text: student === null ? `${fullName(body)} entered` : `${fullName(body)} changed` })
      onClose()
    }
    if (student === null) create.mutate({ body }, { onSuccess: done })
    else update.mutate({ params: { studentId: student.id }, body }, { onSuccess: done })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Problem error={error} />
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="First name"
          name="firstName"
          defaultValue={student?.firstName}
          problem={problems.firstName}
          required
          maxLength={200}
          dir="auto"
        />
        <Field
          label="Last name"
          name="lastName"
          hint="Empty where there is none"
          defaultValue={student?.lastName}
          problem={problems.lastName}
          maxLength={200}
          dir="auto"
        />
      </div>
      <Field
        label="Student number"
        name="studentNumber"
        hint="Letters, digits and hyphens, 3 to 50; zeros count"
        defaultValue={student?.studentNumber}
        problem={problems.studentNumber}
        required
        pattern="[A-Za-z0-9\-]{3,50}"
        title="Letters, digits and hyphens, 3 to 50"
        className="font-mono"
      />
      <Field label="E-mail" name="email" type="email" defaultValue={student?.email ?? ''} problem={problems.email} />
      <DepartmentChoice value={departmentId} onChange={setDepartmentId} problem={problems.departmentId} />
      <Choice
        label="Status"
        value={status}
        onChange={event => setStatus(STUDENT_STATUSES.find(each => each === event.target.value) ?? 'active')}
      >
        {STUDENT_STATUSES.map(each => (
          <option key={each} value={each}>
            {STATUS_WORDS[each]}
          </option>
        ))}
      </Choice>
      {effect && <Warning>{effect}</Warning>}
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || update.isPending) && 'Saving …'}>
          {student === null ? 'Enter' : 'Save'}
        </Button>
      </Acts>
    </form>
  )
}

/** What a status will do, in numbers; null where it does nothing to passes. */
export function effectOn(student: Pick<Student, 'status' | 'passCount'>, status: Student['status']): string | null {
  if (status === student.status || student.passCount === 0) return null
  const count = passCountWords(student.passCount)
  if (status === 'suspended') return `Suspends ${count}. They come back when the student is active again.`
  if (status === 'inactive' || status === 'graduated') return `Revokes ${count} for good; new ones must be issued.`
  return student.status === 'suspended' ? `Gives ${count} back.` : null
}
