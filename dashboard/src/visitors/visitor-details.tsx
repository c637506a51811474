import { getPass } from '@gatehouse/shared/wire/api/passes.ts'
import { getVisitor, type VisitorInFull } from '@gatehouse/shared/wire/api/visitors.ts'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { PassCode } from '../passes/pass-code.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Fact, Facts, SidePanel } from '../ui/list-frame.tsx'
import { Failed, Waiting, Warning } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayMoment } from '../ui/when.ts'
import { ChangeVisitor } from './change-visitor.tsx'
import { EndVisit } from './end-visit.tsx'
import { VisitAgain } from './visit-again.tsx'
import { sayVisit, VISIT_STATE_TONES, VISIT_STATE_WORDS, visitorName } from './visitor-words.ts'

/** A visitor beside the list. */
export function OpenVisitor({ visitorId, showCode }: { readonly visitorId: string; readonly showCode: boolean }) {
  const visitor = useAsk(getVisitor, { params: { visitorId } })
  return (
    <SidePanel title={visitor.data ? visitorName(visitor.data.data) : 'Visitor'}>
      {visitor.isPending && <Waiting rows={4} />}
      {visitor.isError && <Failed error={visitor.error} retry={() => void visitor.refetch()} />}
      {visitor.data && <Details visitor={visitor.data.data} showCode={showCode} />}
    </SidePanel>
  )
}

function Details({ visitor, showCode }: { readonly visitor: VisitorInFull; readonly showCode: boolean }) {
  const { visit, host } = visitor
  const zone = useZone()
  return (
    <div className="flex flex-col gap-3">
      {visit && (
        <p className="flex items-center gap-2">
          <span className="text-16 font-strong">Pass {visit.serial}</span>
          <Badge tone={VISIT_STATE_TONES[visit.state]}>{VISIT_STATE_WORDS[visit.state]}</Badge>
        </p>
      )}
      {!host.active && visit?.state !== 'over' && (
        <Warning>The host’s account is not active: nobody is told of the arrival. Choose another host.</Warning>
      )}
      <Facts>
        <Fact name="Host">
          <bdi>{host.name}</bdi>
        </Fact>
        {visitor.organisation && (
          <Fact name="From">
            <bdi>{visitor.organisation}</bdi>
          </Fact>
        )}
        {visitor.purpose && (
          <Fact name="Purpose">
            <bdi>{visitor.purpose}</bdi>
          </Fact>
        )}
        {visitor.phone && <Fact name="Phone">{visitor.phone}</Fact>}
        {visitor.email && (
          <Fact name="E-mail">
            <bdi>{visitor.email}</bdi>
          </Fact>
        )}
        {visit && <Fact name="Visit">{sayVisit(visit, zone)}</Fact>}
        {visit?.escort && <Fact name="Escort">only with somebody who belongs here</Fact>}
        {visit?.arrivedAt && <Moment name="Arrived" at={visit.arrivedAt} />}
        {visit?.leftAt && <Moment name="Left" at={visit.leftAt} />}
        {visit?.endedAt && <Moment name="Ended" at={visit.endedAt} />}
        {visit && (
          <Fact name="Pass">
            <Link to={`/passes?open=${visit.passId}`} className="quiet-link">
              Pass {visit.serial}
            </Link>
          </Fact>
        )}
      </Facts>
      <VisitorActs visitor={visitor} showCode={showCode} />
      {visitor.visits.length > 1 && <Before visitor={visitor} />}
    </div>
  )
}

function Moment({ name, at }: { readonly name: string; readonly at: string }) {
  const zone = useZone()
  return <Fact name={name}>{sayMoment(at, useNow(), zone)}</Fact>
}

function Before({ visitor: { visits } }: { readonly visitor: VisitorInFull }) {
  const zone = useZone()
  return (
    <section>
      <h3 className="text-13 font-medium text-muted">Visits before</h3>
      <ul aria-label="Visits before">
        {visits.slice(1).map(visit => (
          <li key={visit.passId}>
            {sayVisit(visit, zone)} <span className="text-muted">· pass {visit.serial}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

type Doing = 'code' | 'end' | 'again' | 'change'

function VisitorActs({ visitor, showCode }: { readonly visitor: VisitorInFull; readonly showCode: boolean }) {
  const [doing, setDoing] = useState<Doing | null>(showCode ? 'code' : null)
  const mayPrint = useMay('pass:create')
  const mayEnd = useMay('visitor:end')
  const mayReceive = useMay('visitor:create')
  const mayChange = useMay('visitor:update')
  const close = () => setDoing(null)
  const { visit } = visitor
  const isOpen = visit !== null && visit.state !== 'over'
  const acts: readonly (readonly [Doing, boolean, ReactNode])[] = [
    ['code', mayPrint && isOpen, 'Show the code'],
    ['end', mayEnd && isOpen, 'End the visit'],
    ['again', mayReceive && !isOpen, 'Another visit'],
    ['change', mayChange, 'Change'],
  ]
  return (
    <>
      <div className="flex flex-wrap gap-2 empty:hidden">
        {acts.map(
          ([act, may, words]) =>
            may && (
              <Button key={act} {...(act === 'code' && { icon: 'print' })} onClick={() => setDoing(act)}>
                {words}
              </Button>
            ),
        )}
      </div>
      {doing === 'end' && <EndVisit visitor={visitor} onClose={close} />}
      {doing === 'again' && <VisitAgain visitor={visitor} onClose={close} />}
      {doing === 'change' && <ChangeVisitor visitor={visitor} onClose={close} />}
      {mayPrint && isOpen && doing === 'code' && <CodeOf passId={visit.passId} onClose={close} />}
    </>
  )
}

function CodeOf({ passId, onClose }: { readonly passId: string; readonly onClose: () => void }) {
  const pass = useAsk(getPass, { params: { passId } })
  return pass.data ? <PassCode pass={pass.data.data} open onClose={onClose} /> : null
}
