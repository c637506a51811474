import { listSchools, type School } from '@gatehouse/shared/wire/api/schools.ts'
import { useEffect, useState } from 'react'
import { sayFailure } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Icon } from '../ui/icon.tsx'
import { Problem, Waiting } from '../ui/notice.tsx'
import { Entrance, Way } from './entrance.tsx'

/** As many as one answer has; who has more schools finds theirs by name. */
const SHOWN_MAX = 100

/** Who administers all schools acts in one at a time, and says which. What is done there is in that school's log. */
export function ChooseSchool() {
  const { client, session, signOut } = useBrowserSession()
  const [search, setSearch] = useState('')
  const [schools, setSchools] = useState<readonly School[] | null>(null)
  const [total, setTotal] = useState(0)
  const [failure, setFailure] = useState<string | null>(null)

  useEffect(() => {
    const stop = new AbortController()
    const query = { limit: SHOWN_MAX, ...(search.trim() !== '' && { search: search.trim() }) }
    client.call(listSchools, { query }, stop.signal).then(
      answer => {
        setFailure(answer.ok ? null : sayFailure(answer.failure))
        if (!answer.ok) return
        setSchools(answer.data)
        setTotal(answer.pagination?.total ?? answer.data.length)
      },
      () => {},
    )
    return () => stop.abort()
  }, [client, search])

  return (
    <Entrance
      title="Choose a school"
      lead="You administer several schools. Which one is this about?"
      foot={<Way onClick={() => void signOut()}>Sign out</Way>}
    >
      <div className="panel flex flex-col gap-3 p-5">
        <Problem error={failure} />
        {(search !== '' || total > 8) && (
          <input
            type="search"
            aria-label="Search schools"
            placeholder="Search schools"
            value={search}
            maxLength={100}
            onChange={event => setSearch(event.target.value)}
            className="control w-full"
          />
        )}
        {schools === null && failure === null && <Waiting rows={3} word="Fetching the schools" />}
        {schools?.length === 0 && (
          <p className="text-muted">
            {search === ''
              ? 'There is no school yet. Enter the first one over the API: POST /api/v1/schools.'
              : 'No school has this name.'}
          </p>
        )}
        <ul aria-label="Schools" className="flex flex-col gap-1">
          {schools?.map(({ id, name, tenant, timeZone, deactivatedAt }) => (
            <li key={id}>
              <button
                type="button"
                onClick={() => session.choose({ id, name, tenant, timeZone })}
                className="flex min-h-11 w-full items-center gap-3 rounded-6 px-3 py-2 text-left hover:bg-sunken"
              >
                <span className="min-w-0 flex-1">
                  <bdi className="block font-medium [overflow-wrap:anywhere]">{name}</bdi>
                  <span className="text-13 text-muted">
                    {tenant}
                    {deactivatedAt !== null && ' · nobody of it can sign in'}
                  </span>
                </span>
                <Icon name="right" />
              </button>
            </li>
          ))}
        </ul>
        {schools !== null && total > schools.length && (
          <p className="text-13 text-muted">
            {schools.length} of {total.toLocaleString()}. Search for the others by name.
          </p>
        )}
      </div>
    </Entrance>
  )
}
