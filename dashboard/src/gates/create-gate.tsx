import { createGate } from '@gatehouse/shared/wire/api/gates.ts'
import { listGroups } from '@gatehouse/shared/wire/api/groups.ts'
import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** As many as a gate's configuration takes. */
const ACCESS_POINTS_MAX = 16

type Draft = {
  readonly key: number
  readonly lane: string
  readonly name: string
  readonly direction: 'in' | 'out'
  readonly groups: string
}

const FIRST: Draft = { key: 0, lane: 'in', name: '', direction: 'in', groups: '0' }

/** Enters a gate and its access points; the mini-PC is enrolled on the gate's own page. */
export function CreateGate({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Enter a gate" wide>
      <Fields onClose={onClose} />
    </Dialog>
  )
}

function Fields({ onClose }: { readonly onClose: () => void }) {
  const create = useDo(createGate, ['groups'])
  const navigate = useNavigate()
  const say = useSay()
  const groups = useAsk(listGroups, {}, { enabled: useMay('pass:read') })
  const [points, setPoints] = useState<readonly Draft[]>([FIRST])
  const problems = create.error ? fieldProblems(failureOf(create.error)) : {}
  const change = (key: number, changed: Partial<Draft>) =>
    setPoints(points.map(point => (point.key === key ? { ...point, ...changed } : point)))

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    create.mutate(
      {
        body: {
          name: String(form.get('name')),
          shortName: String(form.get('shortName')),
          accessPoints: points.map(({ lane, name, direction, groups: numbers }) => ({
            lane,
            name,
            direction,
            groups: numbers
              .split(/[\s,]+/)
              .filter(Boolean)
              .map(Number),
          })),
        },
      },
      {
        onSuccess: gate => {
          say({ text: `${gate.name} entered` })
          void navigate(`/gates/${gate.gateId}`)
        },
      },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Problem error={create.error} />
      <div className="grid gap-4 md:grid-cols-2">
        <Field
          label="Name"
          name="name"
          placeholder="North gate"
          required
          maxLength={100}
          problem={problems.name}
          dir="auto"
        />
        <Field
          label="Short name"
          name="shortName"
          placeholder="north"
          hint="Stands for the gate on the command line"
          required
          pattern="[a-z0-9][a-z0-9\-]{0,30}"
          title="Lower-case letters, digits and hyphens, at most 31"
          problem={problems.shortName}
          className="font-mono"
        />
      </div>
      {points.map((point, at) => (
        <fieldset key={point.key} className="rounded-6 border border-line p-3">
          <legend className="px-1 text-13 font-medium">Access point {at + 1}</legend>
          <div className="grid gap-3 md:grid-cols-[1fr_2fr_1fr_1fr_auto] md:items-start">
            <Field
              label="Lane"
              value={point.lane}
              onChange={event => change(point.key, { lane: event.target.value })}
              required
              pattern="[a-z0-9][a-z0-9\-]{0,30}"
              title="Lower-case letters, digits and hyphens, at most 31"
              problem={problems[`accessPoints.${at}.lane`]}
              className="font-mono"
            />
            <Field
              label="Name"
              value={point.name}
              onChange={event => change(point.key, { name: event.target.value })}
              placeholder="Turnstile 1"
              required
              maxLength={64}
              problem={problems[`accessPoints.${at}.name`]}
              dir="auto"
            />
            <Choice
              label="Way"
              value={point.direction}
              onChange={event => change(point.key, { direction: event.target.value === 'out' ? 'out' : 'in' })}
            >
              <option value="in">In</option>
              <option value="out">Out</option>
            </Choice>
            <Field
              label="Groups"
              value={point.groups}
              onChange={event => change(point.key, { groups: event.target.value })}
              hint="0 to 30"
              required
              pattern="\s*([0-9]|[12][0-9]|30)([\s,]+([0-9]|[12][0-9]|30))*\s*"
              title="Numbers from 0 to 30 with commas between"
              problem={problems[`accessPoints.${at}.groups`]}
            />
            <div className="md:pt-6">
              <IconButton
                name={`Remove access point ${at + 1}`}
                icon="close"
                disabled={points.length === 1}
                onClick={() => setPoints(points.filter(({ key }) => key !== point.key))}
              />
            </div>
          </div>
        </fieldset>
      ))}
      {groups.data && groups.data.data.length > 0 && (
        <p className="text-13 text-muted">
          Groups there are: {groups.data.data.map(({ number, name }) => `${number} ${name}`).join(', ')}
        </p>
      )}
      <Acts>
        <Button
          icon="plus"
          className="mr-auto"
          disabled={points.length >= ACCESS_POINTS_MAX}
          onClick={() => setPoints([...points, next(points)])}
        >
          Another access point
        </Button>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={create.isPending && 'Entering …'}>
          Enter
        </Button>
      </Acts>
    </form>
  )
}

function next(points: readonly Draft[]): Draft {
  const key = Math.max(...points.map(point => point.key)) + 1
  return {
    ...FIRST,
    key,
    lane: points.some(({ lane }) => lane === 'out') ? `lane-${key + 1}` : 'out',
    direction: 'out',
  }
}
