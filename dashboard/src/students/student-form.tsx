import {
  type Address,
  createStudent,
  STUDENT_STATUSES,
  type StudentInFull,
  updateStudent,
} from '@gatehouse/shared/wire/api/students.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field, LongField } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { DepartmentChoice } from './department-choice.tsx'
import { StatusEffect } from './status-effect.tsx'
import { fullName, STATUS_WORDS } from './student-words.ts'

/** Enters a student, or changes one; says what a new status will do to the passes before it is done. */
export function StudentForm({
  open,
  onClose,
  student,
}: {
  readonly open: boolean
  readonly onClose: () => void
  readonly student: StudentInFull | null
}) {
  return (
    <Dialog open={open} onClose={onClose} title={student === null ? 'Enter a student' : 'Change the student'} wide>
      <Fields onClose={onClose} student={student} />
    </Dialog>
  )
}

function Fields({ onClose, student }: { readonly onClose: () => void; readonly student: StudentInFull | null }) {
  const create = useDo(createStudent)
  const update = useDo(updateStudent, ['passes', 'departments'])
  const say = useSay()
  const [status, setStatus] = useState<StudentInFull['status']>(student?.status ?? 'active')
  const [departmentId, setDepartmentId] = useState<string | null>(student?.department?.id ?? null)
  const error = create.error ?? update.error
  const problems = error ? fieldProblems(failureOf(error)) : {}
  // Who sees only parts of it would write the parts back.
  const seesPersonal = student === null || student.masked.length === 0

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
      enrolledOn: text('enrolledOn') || null,
      ...(seesPersonal && {
        birthDate: text('birthDate') || null,
        phone: text('phone') || null,
        privateEmail: text('privateEmail') || null,
        address: addressOf(text),
        notes: text('notes') || null,
      }),
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
        <Field
          label="Student number"
          name="studentNumber"
          hint="Zeros count"
          defaultValue={student?.studentNumber}
          problem={problems.studentNumber}
          required
          maxLength={50}
          className="font-mono"
        />
        <Field
          label="E-mail"
          name="email"
          type="email"
          hint="The one of the school"
          defaultValue={student?.email ?? ''}
          problem={problems.email}
        />
        <DepartmentChoice value={departmentId} onChange={setDepartmentId} problem={problems.departmentId} />
        <Field
          label="Enrolled on"
          name="enrolledOn"
          type="date"
          defaultValue={student?.enrolledOn ?? ''}
          problem={problems.enrolledOn}
        />
      </div>
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
      {student && status !== student.status && <StatusEffect studentIds={[student.id]} status={status} />}
      {seesPersonal ? (
        <PersonalFields student={student} problems={problems} />
      ) : (
        <p className="text-13 text-muted">
          Birth date, phone, private e-mail, address and notes are not yours to change.
        </p>
      )}
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || update.isPending) && 'Saving …'}>
          {student === null ? 'Enter' : 'Save'}
        </Button>
      </Acts>
    </form>
  )
}

function PersonalFields({
  student,
  problems,
}: {
  readonly student: StudentInFull | null
  readonly problems: Readonly<Record<string, string>>
}) {
  const { address } = student ?? { address: null }
  return (
    <fieldset className="flex flex-col gap-4 border-line border-t pt-4">
      <legend className="sr-only">Personal</legend>
      <p className="text-13 text-muted">
        Kept sealed, and seen by administrators and by staff who were given sight of it.
      </p>
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="Date of birth"
          name="birthDate"
          type="date"
          defaultValue={student?.birthDate ?? ''}
          problem={problems.birthDate}
        />
        <Field
          label="Phone"
          name="phone"
          type="tel"
          hint="From another country with +"
          defaultValue={student?.phone ?? ''}
          problem={problems.phone}
          maxLength={40}
        />
        <Field
          label="Private e-mail"
          name="privateEmail"
          type="email"
          defaultValue={student?.privateEmail ?? ''}
          problem={problems.privateEmail}
        />
        <Field
          label="Street and number"
          name="street"
          defaultValue={address?.lines.join(', ')}
          problem={problems['address.lines']}
          maxLength={200}
          dir="auto"
        />
        <Field label="Postal code" name="postalCode" defaultValue={address?.postalCode ?? ''} maxLength={20} />
        <Field
          label="Town"
          name="town"
          defaultValue={address?.town}
          problem={problems['address.town']}
          maxLength={100}
          dir="auto"
        />
        <Field
          label="Country"
          name="country"
          hint="Two letters, such as NL"
          defaultValue={address?.country ?? ''}
          problem={problems['address.country']}
          pattern="[A-Za-z]{2}"
          maxLength={2}
        />
      </div>
      <LongField
        label="Notes"
        name="notes"
        defaultValue={student?.notes ?? ''}
        problem={problems.notes}
        maxLength={2000}
      />
    </fieldset>
  )
}

/** Without a town there is no address. */
function addressOf(text: (name: string) => string): Address | null {
  const lines = text('street').split(/,\s*/).filter(Boolean).slice(0, 4)
  const [postalCode, town, country] = [text('postalCode'), text('town'), text('country').toUpperCase()]
  if (lines.length === 0 && postalCode === '' && town === '') return null
  return { lines, postalCode: postalCode || null, town, country: country || null }
}
