import { type Credential, type Pass, removeCredential, resumePass } from '@gatehouse/shared/wire/api/passes.ts'
import { useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useDo } from '../api/use-api.ts'
import { useProfiles } from '../gate-rules/use-profiles.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { holderPath } from '../ui/holder-path.ts'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Problem } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, sayLastDay } from '../ui/when.ts'
import { AddCard } from './add-card.tsx'
import { PassCode } from './pass-code.tsx'
import { PassHistory } from './pass-history.tsx'
import { capital, PASS_STATUS_TONES, PASS_STATUS_WORDS, statusOf, TECHNOLOGY_WORDS } from './pass-words.ts'
import { RenewPass } from './renew-pass.tsx'
import { ReplaceLost } from './replace-lost.tsx'
import { StopPass } from './stop-pass.tsx'

/** A pass whole: what opens where and until when, its cards, and what may be done with it. */
export function PassDetails({ pass, withHolder = false }: { readonly pass: Pass; readonly withHolder?: boolean }) {
  const zone = useZone()
  const status = statusOf(pass)
  const mayUpdate = useMay('pass:update')
  return (
    <div className="flex flex-col gap-3">
      <p className="flex items-center gap-2">
        <span className="text-16 font-strong">Pass {pass.serial}</span>
        <Badge tone={PASS_STATUS_TONES[status]}>{PASS_STATUS_WORDS[status]}</Badge>
      </p>
      <Facts>
        {withHolder && (
          <Fact name="Holder">
            <Link to={holderPath(pass.holder)!} className="quiet-link">
              <bdi>{pass.holder.name}</bdi>
            </Link>
          </Fact>
        )}
        {pass.holder.host && (
          <Fact name="Host">
            <bdi>{pass.holder.host.name}</bdi>
          </Fact>
        )}
        {pass.escort && <Fact name="Escort">only with somebody who belongs here</Fact>}
        <Fact name="Opens">
          <bdi>{pass.groups.map(({ name }) => name).join(', ') || 'nothing'}</bdi>
        </Fact>
        <Fact name="Valid">
          {sayDay(pass.notBefore, zone)} to {sayLastDay(pass.expires, zone)}
        </Fact>
        <Fact name="Hours">
          <Hours profile={pass.profile} />
        </Fact>
        <Fact name="Kind">{capital(pass.class)}</Fact>
        {pass.revokedAt && <Fact name="Revoked">{sayDay(pass.revokedAt, zone)}</Fact>}
        {pass.note && (
          <Fact name="Reason">
            <bdi>{pass.note}</bdi>
          </Fact>
        )}
        <Fact name="Cards">
          <Cards pass={pass} />
        </Fact>
      </Facts>
      <PassActs pass={pass} />
      {mayUpdate && <PassHistory pass={pass} />}
    </div>
  )
}

function Hours({ profile }: Pick<Pass, 'profile'>) {
  const profiles = useProfiles()
  if (profile === 0) return <>always</>
  return <bdi>{profiles[profile]?.name ?? `number ${profile}`}</bdi>
}

function Cards({ pass }: { readonly pass: Pass }) {
  const mayUpdate = useMay('pass:update')
  const remove = useDo(removeCredential)
  const say = useSay()
  if (pass.credentials.length === 0) return <>none</>

  const takeOff = ({ id, ending }: Credential) =>
    remove.mutate(
      { params: { passId: pass.passId, credentialId: id } },
      { onSuccess: () => say({ text: `Card …${ending} taken off; it opens nothing now` }) },
    )
  return (
    <ul>
      {pass.credentials.map(card => (
        <li key={card.id} className="flex items-center gap-2">
          <span className="min-w-0">
            <span className="font-mono text-13">…{card.ending}</span>{' '}
            <span className="text-muted">{TECHNOLOGY_WORDS[card.technology]}</span>
          </span>
          {mayUpdate && pass.status !== 'revoked' && (
            <IconButton
              name={`Take card ending in ${card.ending} off the pass`}
              icon="close"
              disabled={remove.isPending}
              onClick={() => takeOff(card)}
            />
          )}
        </li>
      ))}
      <Problem error={remove.error} />
    </ul>
  )
}

type Doing = 'revoke' | 'suspend' | 'card' | 'code' | 'renew' | 'lost'

function PassActs({ pass }: { readonly pass: Pass }) {
  const [doing, setDoing] = useState<Doing | null>(null)
  const resume = useDo(resumePass)
  const say = useSay()
  const mayRevoke = useMay('pass:revoke')
  const maySuspend = useMay('pass:suspend')
  const mayUpdate = useMay('pass:update')
  const mayPrint = useMay('pass:create')
  const close = () => setDoing(null)
  const giveBack = () =>
    resume.mutate(
      { params: { passId: pass.passId } },
      { onSuccess: () => say({ text: `Pass ${pass.serial} opens again` }) },
    )
  const lives = pass.status === 'active' && !pass.expired

  return (
    <>
      <div className="flex flex-wrap gap-2 empty:hidden">
        {mayPrint && lives && (
          <Button icon="print" onClick={() => setDoing('code')}>
            Show the code
          </Button>
        )}
        {mayUpdate && pass.status !== 'revoked' && (
          <Button icon="plus" onClick={() => setDoing('card')}>
            Add a card
          </Button>
        )}
        {mayUpdate && pass.status !== 'revoked' && <Button onClick={() => setDoing('renew')}>Renew</Button>}
        {mayUpdate && pass.status !== 'revoked' && <Button onClick={() => setDoing('lost')}>Something is lost</Button>}
        {maySuspend && lives && <Button onClick={() => setDoing('suspend')}>Suspend</Button>}
        {mayUpdate && pass.status === 'suspended' && (
          <Button busy={resume.isPending && 'Giving back …'} onClick={giveBack}>
            Give back
          </Button>
        )}
        {mayRevoke && pass.status !== 'revoked' && <Button onClick={() => setDoing('revoke')}>Revoke</Button>}
      </div>
      <Problem error={resume.error} />
      {(doing === 'revoke' || doing === 'suspend') && <StopPass pass={pass} how={doing} onClose={close} />}
      {doing === 'renew' && <RenewPass pass={pass} onClose={close} />}
      {doing === 'lost' && <ReplaceLost pass={pass} onClose={close} />}
      <AddCard pass={pass} open={doing === 'card'} onClose={close} />
      <PassCode pass={pass} open={doing === 'code'} onClose={close} />
    </>
  )
}
