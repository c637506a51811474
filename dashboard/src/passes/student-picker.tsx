import { listStudents, type Student } from '@gatehouse/shared/wire/api/students.ts'
import { useState } from 'react'
import { useAsk } from '../api/use-api.ts'
import { fullName } from '../students/student-words.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { useSettled } from '../ui/use-settled.ts'

type Picked = Pick<Student, 'id' | 'firstName' | 'lastName' | 'status'>

const SHOWN = 6

/** Finds a student by name or number. */
export function StudentPicker({
  picked,
  onPick,
}: {
  readonly picked: Picked | null
  readonly onPick: (student: Picked | null) => void
}) {
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim())
  const found = useAsk(listStudents, { query: { search, limit: SHOWN } }, { enabled: search.length > 0, keep: true })

  if (picked) {
    return (
      <p className="flex items-center justify-between gap-2">
        <span>
          For <bdi className="font-medium">{fullName(picked)}</bdi>
        </span>
        <Button onClick={() => onPick(null)}>Another student</Button>
      </p>
    )
  }
  return (
    <div>
      <Field
        label="Student"
        hint="Name or number"
        type="search"
        value={typed}
        onChange={event => setTyped(event.target.value)}
        autoComplete="off"
      />
      <ul aria-label="Students found" className="mt-1">
        {search !== '' &&
          found.data?.data.map(student => (
            <li key={student.id}>
              <button
                type="button"
                onClick={() => onPick(student)}
                className="flex min-h-9 w-full items-center justify-between gap-3 rounded-6 px-2 text-left hover:bg-sunken pointer-coarse:min-h-11"
              >
                <bdi className="truncate">{fullName(student)}</bdi>
                <span className="font-mono text-13 text-muted">{student.studentNumber}</span>
              </button>
            </li>
          ))}
      </ul>
      {search !== '' && found.data?.data.length === 0 && <p className="text-13 text-muted">No student fits.</p>}
    </div>
  )
}
