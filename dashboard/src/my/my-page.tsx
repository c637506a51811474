import { type MyPass, myPasses } from '@gatehouse/shared/wire/api/my.ts'
import { useEffect, useState } from 'react'
import { useUser } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, sayLastDay } from '../ui/when.ts'
import { sayClock, useClockOffset } from './clock-offset.ts'
import { LastPassages } from './last-passages.tsx'
import { MovingCode } from './moving-code.tsx'
import { canMakeKeys } from './phone-key.ts'
import { keepPass, type PocketPass } from './pocket.ts'
import { PrintedCode } from './printed-code.tsx'
import { sayStanding, standingOf } from './standing.ts'
import { pocketPass, useBinding } from './use-binding.ts'
import { useInstall } from './use-install.ts'
import { useOfflineCopy } from './use-offline-copy.ts'
import { type Pocket, usePocket } from './use-pocket.ts'
import { Wallets } from './wallets.tsx'

const SLOWLY_MS = 30_000

/** A student's own pass, on the phone that is bound to it. */
export function MyPage() {
  const asked = useAsk(myPasses, {}, { refetchMs: SLOWLY_MS })
  const pocket = usePocket()
  const { id: userId } = useUser()
  const passes = asked.data?.data
  const kept = pocket.passes?.filter(pass => pass.userId === userId)
  useFreshCertificates(passes, kept, pocket)

  return (
    <Page title="My pass">
      <div className="mx-auto flex w-full max-w-[440px] flex-col gap-4">
        <Notices />
        {passes === undefined || kept === undefined ? (
          <Meanwhile kept={kept} asked={asked} />
        ) : (
          <Mine passes={passes} kept={kept} pocket={pocket} />
        )}
        {passes !== undefined && <LastPassages />}
      </div>
    </Page>
  )
}

function Notices() {
  const clock = sayClock(useClockOffset())
  const load = useOfflineCopy()
  return (
    <>
      {clock && <Warning>{clock}</Warning>}
      {load && (
        <div className="panel flex items-center justify-between gap-3 p-3">
          There is a newer version of this page.
          <Button onClick={load}>Load it</Button>
        </div>
      )}
    </>
  )
}

/** Before the first answer, or without one: what the phone keeps is enough. */
function Meanwhile({
  kept,
  asked,
}: {
  readonly kept: readonly PocketPass[] | undefined
  readonly asked: { isError: boolean; error: unknown; refetch: () => unknown }
}) {
  const [first] = kept ?? []
  if (first) return <MovingCode pass={first} />
  if (asked.isError) return <Failed error={asked.error} retry={() => void asked.refetch()} />
  return <Waiting rows={6} />
}

function Mine({
  passes,
  kept,
  pocket,
}: {
  readonly passes: readonly MyPass[]
  readonly kept: readonly PocketPass[]
  readonly pocket: Pocket
}) {
  const nowMs = useNow(SLOWLY_MS)
  const [chosen, setChosen] = useState<string | null>(null)
  const living = passes.filter(({ status, expires }) => status === 'active' && Date.parse(expires) > nowMs)
  const pass = passes.find(({ passId }) => passId === chosen) ?? living[0] ?? passes[0]
  if (pass === undefined) {
    return <Empty title="You have no pass yet">The school’s administration makes one; it then stands here.</Empty>
  }
  return (
    <>
      {living.length > 1 && (
        <label className="flex items-center gap-3">
          Pass
          <select className="control flex-1" value={pass.passId} onChange={event => setChosen(event.target.value)}>
            {living.map(({ passId, serial, groups }) => (
              <option key={passId} value={passId}>
                {serial}: {groups.join(', ')}
              </option>
            ))}
          </select>
        </label>
      )}
      <OnePass key={pass.passId} pass={pass} kept={kept.find(({ passId }) => passId === pass.passId)} pocket={pocket} />
    </>
  )
}

function OnePass({
  pass,
  kept,
  pocket,
}: {
  readonly pass: MyPass
  readonly kept: PocketPass | undefined
  readonly pocket: Pocket
}) {
  const asked = useAsk(myPasses, {})
  const zone = useZone()
  const nowMs = useNow(SLOWLY_MS)
  const binding = useBinding(() => Promise.all([pocket.readAgain(), asked.refetch()]))
  const standing = standingOf(pass, kept, { secure: canMakeKeys(), nowMs })

  if (standing === 'stopped') {
    return (
      <Empty title={pass.status === 'active' ? 'Your pass has run out' : STOPPED[pass.status]}>
        Pass {pass.serial} opens no gate now. Ask the school’s administration.
      </Empty>
    )
  }
  return (
    <>
      {Date.parse(pass.notBefore) > nowMs && <Warning>Your pass starts on {sayDay(pass.notBefore, zone)}.</Warning>}
      {standing === 'ready' && kept ? (
        <MovingCode pass={kept} />
      ) : (
        <section aria-label="Phone" className="panel flex flex-col gap-3 p-4">
          <p className="text-16 font-strong">
            <bdi>{pass.holderName}</bdi>
          </p>
          <p className="text-muted">
            Pass {pass.serial} · {pass.groups.join(', ')} · until {sayLastDay(pass.expires, zone)}
          </p>
          {standing !== 'ready' && <p>{sayStanding(standing, window.location.host)}</p>}
          {standing !== 'insecure' && (
            <Button tone="primary" busy={binding.busy && 'Binding …'} onClick={() => void binding.bind(pass.passId)}>
              Bind this phone
            </Button>
          )}
          <Problem error={binding.problem} />
        </section>
      )}
      <InstallHint />
      <Wallets pass={pass} />
      <PrintedCode pass={pass} />
    </>
  )
}

const STOPPED = { suspended: 'Your pass is suspended', revoked: 'Your pass was revoked', lost: 'Your pass is lost' }

function InstallHint() {
  const install = useInstall()
  if (install.is === 'installed') return null
  return (
    <div className="flex items-center justify-between gap-3 text-13 text-muted">
      <p>
        Put this page on your home screen, and the browser keeps your key.
        {install.is === 'by-menu' &&
          ' The browser’s menu has it: Add to Home Screen. On an iPhone do it first, then bind.'}
      </p>
      {install.is === 'offered' && <Button onClick={install.install}>Install</Button>}
    </div>
  )
}

/** A wider pass has a new certificate: the phone takes it by itself. */
function useFreshCertificates(
  passes: readonly MyPass[] | undefined,
  kept: readonly PocketPass[] | undefined,
  { readAgain }: Pocket,
) {
  useEffect(() => {
    const older = (passes ?? []).flatMap(pass => {
      const mine = kept?.find(({ passId }) => passId === pass.passId)
      if (!mine || pass.device?.point !== mine.point || pass.device.certificate === mine.certificate) return []
      return [pocketPass(pass, mine)]
    })
    if (older.length > 0) void Promise.all(older.map(keepPass)).then(readAgain)
  }, [passes, kept, readAgain])
}
