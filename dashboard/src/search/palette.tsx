import { listPasses } from '@gatehouse/shared/wire/api/passes.ts'
import { listStudents } from '@gatehouse/shared/wire/api/students.ts'
import { type KeyboardEvent, useId, useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay, useUser } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { sectionsOf } from '../frame/sections.ts'
import { useGateChoices } from '../live/use-gate-choices.ts'
import { fullName } from '../students/student-words.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { useSettled } from '../ui/use-settled.ts'

type Found = { readonly to: string; readonly icon: IconName; readonly name: string; readonly kind: string }

const SHOWN = 5

/** Search over everything that the role may see: type, arrow down, Enter. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const navigate = useNavigate()
  const listId = useId()
  const { found, searching } = useFound(typed)
  const current = found[Math.min(at, found.length - 1)]

  function go(to: string) {
    onClose()
    void navigate(to)
  }

  function onKey(event: KeyboardEvent) {
    if (event.key === 'Enter' && current) go(current.to)
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else return
    event.preventDefault()
  }

  return (
    <Dialog open onClose={onClose} title="Search everything" bare wide>
      <div className="flex items-center gap-3 border-line border-b px-4">
        <Icon name="search" className="text-muted" />
        <input
          type="text"
          role="combobox"
          aria-label="Search students, passes, gates and pages"
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={current ? `${listId}-${found.indexOf(current)}` : undefined}
          placeholder="Students, passes, gates, pages"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={event => {
            setTyped(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKey}
          className="h-12 min-w-0 flex-1 bg-transparent text-16 outline-none"
        />
      </div>
      <div id={listId} role="listbox" aria-label="Found" className="max-h-[50vh] overflow-y-auto p-2">
        {found.map((each, index) => (
          <div
            key={each.to}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={each === current}
            onMouseMove={() => setAt(index)}
            onClick={() => go(each.to)}
            onKeyDown={onKey}
            className={`flex h-10 items-center gap-3 rounded-6 px-2 pointer-coarse:h-12 ${each === current ? 'bg-accent-on' : ''}`}
          >
            <Icon name={each.icon} className="text-muted" />
            <bdi className="min-w-0 flex-1 truncate">{each.name}</bdi>
            <span className="text-13 text-muted">{each.kind}</span>
          </div>
        ))}
      </div>
      <p role="status" className="px-4 pb-4 text-13 text-muted empty:hidden">
        {found.length === 0 ? (searching ? 'Searching …' : 'Nothing fits. Try a part of the name or a number.') : ''}
      </p>
    </Dialog>
  )
}

function useFound(typed: string): { readonly found: readonly Found[]; readonly searching: boolean } {
  const { role } = useUser()
  const search = useSettled(typed.trim())
  const asks = search.length > 0
  const students = useAsk(
    listStudents,
    { query: { search, limit: SHOWN } },
    { enabled: useMay('student:read') && asks, keep: true },
  )
  const passes = useAsk(
    listPasses,
    { query: { search, limit: SHOWN } },
    { enabled: useMay('pass:read') && asks, keep: true },
  )
  const gates = useGateChoices()
  const fits = (name: string) => name.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase())

  const found: readonly Found[] = [
    ...sectionsOf(role)
      .filter(({ name }) => fits(name))
      .map(({ path, name, icon }) => ({ to: path, icon, name, kind: 'Page' })),
    ...gates
      .filter(({ name }) => fits(name))
      .slice(0, SHOWN)
      .map(({ gateId, name }) => ({ to: `/gates/${gateId}`, icon: 'gates' as const, name, kind: 'Gate' })),
    ...(asks ? (students.data?.data ?? []) : []).map(student => ({
      to: `/students/${student.id}`,
      icon: 'students' as const,
      name: fullName(student),
      kind: student.studentNumber,
    })),
    ...(asks ? (passes.data?.data ?? []) : []).map(pass => ({
      to: `/passes?open=${pass.passId}`,
      icon: 'passes' as const,
      name: pass.holder.name,
      kind: `Pass ${pass.serial}`,
    })),
  ]
  return { found, searching: students.isFetching || passes.isFetching || search !== typed.trim() }
}
