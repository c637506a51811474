import { listDepartments } from '@gatehouse/shared/wire/api/departments.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import type { Address } from '../ui/use-address.ts'

/** Narrows a list of students to one department; nothing where the school has none, or the role may not know them. */
export function DepartmentFilter({ address }: { readonly address: Address }) {
  const departments = useAsk(listDepartments, {}, { enabled: useMay('settings:read') })
  const rows = departments.data?.data ?? []
  if (rows.length === 0) return null
  return (
    <select
      aria-label="Department"
      value={address.get('department') ?? ''}
      onChange={event => address.set({ department: event.target.value || null })}
      className="control max-w-48"
    >
      <option value="">Every department</option>
      {rows.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      <option value="none">No department</option>
    </select>
  )
}
