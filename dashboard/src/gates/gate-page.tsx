import { listAccessEvents } from '@gatehouse/shared/wire/api/access-events.ts'
import { type Gate, listGates } from '@gatehouse/shared/wire/api/gates.ts'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { EventTable } from '../events/event-table.tsx'
import { Page } from '../frame/page.tsx'
import { useFeed } from '../live/use-feed.ts'
import { Button } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting, Warning } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAge, sayAgo, sayMoment } from '../ui/when.ts'
import { EnrolGate } from './enrol-gate.tsx'
import { GateMark } from './gate-mark.tsx'
import { troublesOf } from './trouble.ts'
import { Wiring } from './wiring.tsx'

export function GatePage() {
  const { gateId = '' } = useParams()
  useFeed({})
  const gates = useAsk(listGates, {}, { refetchMs: 20_000 })
  const gate = gates.data?.data.find(each => each.gateId === gateId)
  if (gate) return <OneGate gate={gate} />
  return (
    <Page title="Gate">
      <div className="panel">
        {gates.isPending && <Waiting rows={6} />}
        {gates.isError && <Failed error={gates.error} retry={() => void gates.refetch()} />}
        {gates.data && (
          <Empty title="There is no such gate" act={<ButtonLink to="/gates">All gates</ButtonLink>}>
            It is not one of your school’s.
          </Empty>
        )}
      </div>
    </Page>
  )
}

function OneGate({ gate }: { readonly gate: Gate }) {
  const [enrolling, setEnrolling] = useState(false)
  const mayEnrol = useMay('gate:update')
  const nowMs = useNow()
  const zone = useZone()
  const troubles = gate.enrolled ? troublesOf(gate) : []

  return (
    <Page
      title={gate.name}
      acts={
        <>
          <ButtonLink to={`/gates/${gate.gateId}/wiring`}>
            {mayEnrol ? 'Describe its wiring' : 'Its wiring in detail'}
          </ButtonLink>
          {mayEnrol && (
            <Button tone={gate.enrolled ? 'plain' : 'primary'} icon="key" onClick={() => setEnrolling(true)}>
              {gate.enrolled ? 'Enrol another mini-PC' : 'Enrol a mini-PC'}
            </Button>
          )}
        </>
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[320px_minmax(0,1fr)]">
        <section aria-label="How it is" className="panel p-4">
          <Facts>
            <Fact name="Health">
              <GateMark gate={gate} />
            </Fact>
            {gate.since && (
              <Fact name={gate.online ? 'Online since' : 'Offline since'}>{sayMoment(gate.since, nowMs, zone)}</Fact>
            )}
            <Fact name="Short name">
              <span className="font-mono text-13">{gate.shortName}</span>
            </Fact>
            <Fact name="Id">
              <span className="font-mono text-12 break-all">{gate.gateId}</span>
            </Fact>
            <Fact name="List">
              {gate.listVersion === null || gate.listIssuedAt === null
                ? 'none yet'
                : `version ${gate.listVersion}, ${sayAge(nowMs - Date.parse(gate.listIssuedAt))} old`}
            </Fact>
            <Fact name="Last scan">{gate.lastEventAt ? sayAgo(gate.lastEventAt, nowMs) : 'none yet'}</Fact>
            <Fact name="Inside">
              {gate.inside === null ? 'not known' : gate.inside === 1 ? '1 pass' : `${gate.inside} passes`}
            </Fact>
            <Fact name="Still at the gate">
              {gate.waiting === null ? 'not known' : gate.waiting === 1 ? '1 event' : `${gate.waiting} events`}
            </Fact>
          </Facts>
        </section>
        <div className="flex min-w-0 flex-col gap-4">
          {troubles.map(trouble => (
            <Warning key={trouble}>{trouble}</Warning>
          ))}
          <section aria-label="Lanes" className="panel">
            <h2 className="flex h-11 items-center border-line border-b px-4 font-strong">Lanes</h2>
            <Wiring gate={gate} />
          </section>
          {useMay('event:read') && <LastEvents gate={gate} />}
        </div>
      </div>
      <EnrolGate gate={gate} open={enrolling} onClose={() => setEnrolling(false)} />
    </Page>
  )
}

function LastEvents({ gate }: { readonly gate: Gate }) {
  const events = useAsk(listAccessEvents, { query: { gateId: gate.gateId, limit: 10 } }, { refetchMs: 10_000 })
  return (
    <section aria-label="Last events" className="panel">
      <h2 className="flex h-11 items-center justify-between border-line border-b px-4 font-strong">
        Last events
        <Link to={`/events?gate=${gate.gateId}`} className="text-13 font-medium text-accent hover:underline">
          All events
        </Link>
      </h2>
      {events.isPending && <Waiting rows={4} />}
      {events.isError && <Failed error={events.error} retry={() => void events.refetch()} />}
      {events.data?.data.length === 0 && <p className="p-4 text-muted">Nothing has happened at this gate yet.</p>}
      {events.data && events.data.data.length > 0 && <EventTable lines={events.data.data} withGate={false} />}
    </section>
  )
}
