import type { SignOn } from '@gatehouse/shared/wire/api/auth-sign-on.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { ROLE_WORDS } from '../users/role-words.ts'
import { SCHOOL_ROLES } from './sign-on-words.ts'

const GROUPS_MAX = 100

/** Which group of the issuer gives which role: rows from the top, the first that fits counts. */
export function GroupRoles({
  value,
  onChange,
  problem,
}: {
  readonly value: SignOn['roleOfGroup']
  readonly onChange: (value: SignOn['roleOfGroup']) => void
  readonly problem: string | undefined
}) {
  const put = (at: number, row: SignOn['roleOfGroup'][number]) =>
    onChange(value.map((each, index) => (index === at ? row : each)))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-13 font-medium">Roles by group; the first that fits counts</legend>
      {value.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have nothing else, and are changed in their place.
        <div key={at} className="flex items-center gap-2">
          <input
            aria-label={`Group ${at + 1}`}
            value={row.group}
            onChange={event => put(at, { ...row, group: event.target.value })}
            placeholder="Name of the group there"
            maxLength={200}
            className="control min-w-0 flex-1"
          />
          <select
            aria-label={`Role of group ${at + 1}`}
            value={row.role}
            onChange={event =>
              put(at, { ...row, role: SCHOOL_ROLES.find(role => role === event.target.value) ?? 'staff' })
            }
            className="control max-w-44"
          >
            {SCHOOL_ROLES.map(role => (
              <option key={role} value={role}>
                {ROLE_WORDS[role]}
              </option>
            ))}
          </select>
          <IconButton
            name={`Take group ${at + 1} away`}
            icon="close"
            onClick={() => onChange(value.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      {value.length < GROUPS_MAX && (
        <div>
          <Button icon="plus" onClick={() => onChange([...value, { group: '', role: 'staff' }])}>
            Add a group
          </Button>
        </div>
      )}
      {problem && <p className="text-13 text-refused">{problem}</p>}
    </fieldset>
  )
}
