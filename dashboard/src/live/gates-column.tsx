import { type Gate, listGates } from '@gatehouse/shared/wire/api/gates.ts'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { GateMark } from '../gates/gate-mark.tsx'
import { troublesOf } from '../gates/trouble.ts'
import { ButtonLink } from '../ui/button-link.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAge, sayAgo, sayMoment } from '../ui/when.ts'
import { type Pulse, pulseOf } from './pulse.ts'
import { PulseLine } from './pulse-line.tsx'

/** Every gate: online or since when not, how old its list is, its last scan and its last minute. */
export function GatesColumn({ pulse }: { readonly pulse: Pulse }) {
  const gates = useAsk(listGates, {})
  const mayCreate = useMay('gate:create')
  return (
    <section aria-label="Gates" className="panel lg:overflow-y-auto">
      <h2 className="flex h-11 items-center border-line border-b px-4 font-strong">Gates</h2>
      {gates.isPending && <Waiting rows={3} />}
      {gates.isError && <Failed error={gates.error} retry={() => void gates.refetch()} />}
      {gates.data?.data.length === 0 && (
        <Empty title="No gate yet" act={mayCreate && <ButtonLink to="/gates">Enter a gate</ButtonLink>}>
          A gate is a mini-PC and the doors it opens. Facilities staff enter it and enrol it with a code.
        </Empty>
      )}
      <ul>
        {gates.data?.data.map(gate => (
          <GateRow key={gate.gateId} gate={gate} pulse={pulse} />
        ))}
      </ul>
    </section>
  )
}

function GateRow({ gate, pulse }: { readonly gate: Gate; readonly pulse: Pulse }) {
  const nowMs = useNow()
  const zone = useZone()
  const points = pulseOf(pulse, gate.gateId, Math.floor(nowMs / 1000))
  const inMinute = points.reduce((sum, count) => sum + count, 0)
  const troubles = gate.online ? troublesOf(gate) : []

  return (
    <li className="border-line border-b px-4 py-3 last:border-b-0">
      <div className="flex items-center justify-between gap-3">
        <Link to={`/gates/${gate.gateId}`} className="min-w-0 truncate font-medium hover:underline">
          <bdi>{gate.name}</bdi>
        </Link>
        <GateMark gate={gate} />
      </div>
      {!gate.online && gate.since && (
        <p className="text-13 text-refused">
          since {sayMoment(gate.since, nowMs, zone)}; it goes on deciding by its own list
        </p>
      )}
      {troubles.map(trouble => (
        <p key={trouble} className="text-13 text-warning">
          {trouble}
        </p>
      ))}
      <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 text-13">
        <dt className="text-muted">Last scan</dt>
        <dd className="text-right">{gate.lastEventAt ? sayAgo(gate.lastEventAt, nowMs) : 'none yet'}</dd>
        <dt className="text-muted">List</dt>
        <dd className="text-right">
          {gate.listVersion === null || gate.listIssuedAt === null
            ? 'none yet'
            : `version ${gate.listVersion}, ${sayAge(nowMs - Date.parse(gate.listIssuedAt))} old`}
        </dd>
        {(gate.waiting ?? 0) > 0 && (
          <>
            <dt className="text-muted">Still at the gate</dt>
            <dd className="text-right">{gate.waiting === 1 ? '1 event' : `${gate.waiting} events`}</dd>
          </>
        )}
      </dl>
      <div className="mt-2 flex items-end gap-3">
        <PulseLine points={points} />
        <p className="shrink-0 text-13 text-muted">{inMinute} / min</p>
      </div>
    </li>
  )
}
