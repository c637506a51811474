import { search as searchRoute } from '@gatehouse/shared/wire/api/search.ts'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { failureOf, sayFailure } from '../api/failure.ts'
import { useUser } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { sectionsOf } from '../frame/sections.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSettled } from '../ui/use-settled.ts'
import { type HitGroup, hitGroups } from './found.ts'

/** The service takes no more. */
const TYPED_MAX = 100

/** Search over everything that the role may see: type, arrow down, Enter. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const navigate = useNavigate()
  const listId = useId()
  const { groups, searching, problem } = useFound(typed)
  const hits = groups.flatMap(group => group.hits)
  const current = hits[Math.min(at, hits.length - 1)]

  function go(to: string) {
    onClose()
    void navigate(to)
  }

  function onKey(event: KeyboardEvent) {
    const last = hits.length - 1
    if (event.key === 'Enter' && current) go(current.to)
    else if (event.key === 'ArrowDown') setAt(at >= last ? 0 : at + 1)
    else if (event.key === 'ArrowUp') setAt(at <= 0 ? Math.max(last, 0) : Math.min(at, last) - 1)
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
          aria-label="Search students, passes, gates, people and pages"
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={current ? `${listId}-${hits.indexOf(current)}` : undefined}
          placeholder="Students, passes, gates, people, pages"
          autoComplete="off"
          spellCheck={false}
          maxLength={TYPED_MAX}
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
        {groups.map((group, index) => (
          <Group
            key={group.name}
            group={group}
            listId={listId}
            first={groups.slice(0, index).reduce((sum, each) => sum + each.hits.length, 0)}
            at={current ? hits.indexOf(current) : -1}
            onAt={setAt}
            onGo={go}
            onKey={onKey}
          />
        ))}
      </div>
      <p role="status" className={`px-4 pb-4 text-13 empty:hidden ${problem ? 'text-refused' : 'text-muted'}`}>
        {problem ?? (searching ? 'Searching …' : hits.length === 0 ? NOTHING : '')}
      </p>
    </Dialog>
  )
}

const NOTHING = 'Nothing fits. Try a part of the name or a number.'

function Group({
  group: { name, icon, hits },
  listId,
  first,
  at,
  onAt,
  onGo,
  onKey,
}: {
  readonly group: HitGroup
  readonly listId: string
  /** The place of its first hit among all. */
  readonly first: number
  readonly at: number
  readonly onAt: (at: number) => void
  readonly onGo: (to: string) => void
  readonly onKey: (event: KeyboardEvent) => void
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a listbox has groups of options, and no fieldset.
    <div role="group" aria-label={name}>
      <p aria-hidden="true" className="px-2 pt-2 pb-1 text-12 text-muted">
        {name}
      </p>
      {hits.map((hit, index) => (
        <Option
          key={hit.to}
          id={`${listId}-${first + index}`}
          isCurrent={first + index === at}
          onCurrent={() => onAt(first + index)}
          onGo={() => onGo(hit.to)}
          onKey={onKey}
        >
          <Icon name={icon} className="text-muted" />
          <bdi className="min-w-0 flex-1 truncate">{hit.name}</bdi>
          <span className="max-w-[45%] truncate text-13 text-muted">{hit.detail}</span>
        </Option>
      ))}
    </div>
  )
}

function Option({
  id,
  isCurrent,
  onCurrent,
  onGo,
  onKey,
  children,
}: {
  readonly id: string
  readonly isCurrent: boolean
  readonly onCurrent: () => void
  readonly onGo: () => void
  readonly onKey: (event: KeyboardEvent) => void
  readonly children: ReactNode
}) {
  const option = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isCurrent) option.current?.scrollIntoView({ block: 'nearest' })
  }, [isCurrent])
  return (
    <div
      ref={option}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isCurrent}
      onMouseMove={onCurrent}
      onClick={onGo}
      onKeyDown={onKey}
      className={`flex h-10 items-center gap-3 rounded-6 px-2 pointer-coarse:h-12 ${isCurrent ? 'bg-accent-on' : ''}`}
    >
      {children}
    </div>
  )
}

function useFound(typed: string) {
  const { role } = useUser()
  const asked = useSettled(typed.trim())
  const answer = useAsk(searchRoute, { query: { q: asked } }, { enabled: asked !== '', keep: true })
  // While the next answer is on its way the last one stays, but not once the field is empty.
  const found = asked === '' ? [] : (answer.data?.data ?? [])
  return {
    groups: hitGroups(sectionsOf(role), found, typed),
    searching: answer.isFetching || asked !== typed.trim(),
    problem: asked !== '' && answer.isError ? sayFailure(failureOf(answer.error)) : null,
  }
}
