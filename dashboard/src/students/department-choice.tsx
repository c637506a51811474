import { listDepartments } from '@gatehouse/shared/wire/api/departments.ts'
import { useAsk } from '../api/use-api.ts'
import { Choice } from '../ui/field.tsx'

/** One of the school's departments, or none. */
export function DepartmentChoice({
  value,
  onChange,
  problem,
}: {
  readonly value: string | null
  readonly onChange: (departmentId: string | null) => void
  readonly problem?: string | undefined
}) {
  const departments = useAsk(listDepartments, {})
  return (
    <Choice
      label="Department"
      value={value ?? ''}
      onChange={event => onChange(event.target.value || null)}
      problem={problem}
    >
      <option value="">None</option>
      {departments.data?.data.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Choice>
  )
}
