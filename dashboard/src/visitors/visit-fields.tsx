import { listAccessLevels } from '@gatehouse/shared/wire/api/access-levels.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Choice, Field, Tick } from '../ui/field.tsx'
import { useZone } from '../ui/use-zone.ts'
import { dateField } from '../ui/when.ts'
import { STAY_WORDS, STAYS, type Stay, visitTimes } from './visit-times.ts'

/** When, what it opens and whether with an escort: of a new visitor and of one who comes again. */
export function VisitFields({ problems }: { readonly problems: Readonly<Record<string, string>> }) {
  const zone = useZone()
  const today = dateField(Date.now(), zone.timeZone)
  const [first, setFirst] = useState(today)
  const [stay, setStay] = useState<Stay>('day')
  const isLater = first > today
  // Hours are from now: of a day to come there are none.
  const stays = STAYS.filter(each => !isLater || each === 'day' || each === 'date')
  const levels = useAsk(listAccessLevels, {}, { enabled: useMay('settings:read') })
  const ofVisitors = (levels.data?.data ?? []).filter(level => level.class === 'visitor')
  return (
    <>
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="First day"
          name="first"
          type="date"
          required
          min={today}
          value={first}
          onChange={event => {
            setFirst(event.target.value)
            if (event.target.value > today && stay !== 'date') setStay('day')
          }}
          problem={problems.from}
        />
        <Choice
          label="How long"
          name="stay"
          value={stay}
          onChange={event => setStay(STAYS.find(each => each === event.target.value) ?? 'day')}
          problem={stay === 'date' ? undefined : problems.until}
        >
          {stays.map(each => (
            <option key={each} value={each}>
              {STAY_WORDS[each]}
            </option>
          ))}
        </Choice>
        {stay === 'date' && (
          <Field
            label="Last day"
            name="last"
            type="date"
            required
            min={first}
            defaultValue={first}
            hint="To the end of that day"
            problem={problems.until}
          />
        )}
      </div>
      {ofVisitors.length > 0 && (
        <Choice label="Opens" name="levelId" defaultValue="" problem={problems.levelId}>
          <option value="">what visitors get here</option>
          {ofVisitors.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
      )}
      <Tick name="escort" label="Only with somebody who belongs here" />
    </>
  )
}

/** What the fields say, as the API takes it. */
export async function readVisit(form: FormData, timeZone: string) {
  const nowMs = Date.now()
  const said = (name: string) => String(form.get(name) ?? '')
  const stay = STAYS.find(each => each === said('stay')) ?? 'day'
  const times = { first: said('first'), last: said('last'), stay, today: dateField(nowMs, timeZone) }
  return {
    ...(await visitTimes(times, timeZone, nowMs)),
    ...(said('levelId') !== '' && { levelId: said('levelId') }),
    escort: form.get('escort') !== null,
  }
}
