import { useCallback, useEffect, useState } from 'react'
import { recall, remember } from '../api/browser-session.ts'
import { Page } from '../frame/page.tsx'
import { allowSound, sound } from '../live/tones.ts'
import { useGateChoices } from '../live/use-gate-choices.ts'
import { useAwake } from '../my/use-awake.ts'
import { Button } from '../ui/button.tsx'
import { Choice, Tick } from '../ui/field.tsx'
import { Warning } from '../ui/notice.tsx'
import { outcomeOf, ShownAnswer } from './answer.tsx'
import { ByHand } from './by-hand.tsx'
import { CAMERA_WORDS, type Camera } from './camera.ts'
import type { CodeReader } from './code-reader.ts'
import type { Look } from './looking.ts'
import { useCamera } from './use-camera.ts'
import { useCodeReader } from './use-code-reader.ts'
import { useOnline } from './use-online.ts'
import { useVerdicts } from './use-verdicts.ts'
import { Viewfinder } from './viewfinder.tsx'

const GATE_KEPT = 'gatehouse.verify.gate'
/** One long push or two short ones: felt without looking. */
const PUSHES_MS = { granted: [120], refused: [70, 60, 70], alarm: [70, 60, 70], other: [] }

/** A guard's phone as a reader: what the camera sees is asked at the service, and the answer fills the screen. */
export function VerifyPage() {
  const [gateId, chooseGate] = useKeptGate()
  const [look, happen] = useVerdicts(gateId)
  const { camera, tryAgain } = useCamera()
  const reader = useCodeReader()
  const online = useOnline()
  const [signals, setSignals] = useSignals(look)
  useAwake()

  const seen = useCallback((digits: string) => happen({ what: 'in_sight', digits, atMs: Date.now() }), [happen])
  const entered = useCallback((digits: string) => happen({ what: 'entered', digits }), [happen])
  const next = useCallback(() => happen({ what: 'next' }), [happen])

  return (
    <Page title="Check a pass">
      <div className="mx-auto flex w-full max-w-[720px] flex-col gap-4">
        {!online && (
          <Warning>
            There is no network, and this page asks the service about each code. The gates go on working: let people use
            their readers.
          </Warning>
        )}
        <Sight camera={camera} reader={reader} onCode={seen} tryAgain={tryAgain} />
        <p role="status" className="min-h-5 text-center text-muted">
          {look.is === 'asking' ? 'Asking …' : camera.is === 'on' && 'Hold a code in front of the camera.'}
        </p>
        <div className="panel grid items-end gap-3 p-4 md:grid-cols-2">
          <GateChoice chosen={gateId} onChoose={chooseGate} />
          <Tick label="Sound and vibration" checked={signals} onChange={event => setSignals(event.target.checked)} />
        </div>
        <ByHand reader={reader} onCode={entered} />
      </div>
      {(look.is === 'answered' || look.is === 'unanswered') && <ShownAnswer look={look} onNext={next} />}
    </Page>
  )
}

function Sight({
  camera,
  reader,
  onCode,
  tryAgain,
}: {
  readonly camera: Camera
  readonly reader: CodeReader | null
  readonly onCode: (text: string) => void
  readonly tryAgain: () => void
}) {
  if (camera.is === 'on' && reader) {
    return <Viewfinder stream={camera.stream} hasTorch={camera.hasTorch} reader={reader} onCode={onCode} />
  }
  if (camera.is !== 'off') return <div className="aspect-square w-full rounded-6 bg-sunken md:aspect-video" />
  return (
    <div role="alert" className="flex flex-col items-start gap-3 rounded-6 bg-warning-on p-4 text-warning">
      <p>{CAMERA_WORDS[camera.trouble]}</p>
      {camera.trouble !== 'insecure' && <Button onClick={tryAgain}>Try the camera again</Button>}
    </div>
  )
}

function GateChoice({
  chosen,
  onChoose,
}: {
  readonly chosen: string | null
  readonly onChoose: (gateId: string | null) => void
}) {
  const gates = useGateChoices()
  return (
    <Choice
      label="Where you stand"
      value={gates.some(({ gateId }) => gateId === chosen) ? chosen! : ''}
      onChange={event => onChoose(event.target.value || null)}
    >
      <option value="">Anywhere: does it open at all?</option>
      {gates.map(({ gateId, name }) => (
        <option key={gateId} value={gateId}>
          {name}
        </option>
      ))}
    </Choice>
  )
}

/** A guard stands at the same gate tomorrow. */
function useKeptGate(): readonly [string | null, (gateId: string | null) => void] {
  const [gateId, setGateId] = useState(() => recall(GATE_KEPT))
  return [
    gateId,
    chosen => {
      remember(GATE_KEPT, chosen)
      setGateId(chosen)
    },
  ]
}

/** Off until asked for. */
function useSignals(look: Look): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(false)
  const outcome = look.is === 'answered' || look.is === 'unanswered' ? outcomeOf(look) : null
  // biome-ignore lint/correctness/useExhaustiveDependencies: switching it on signals nothing; an answer does.
  useEffect(() => {
    if (!on || outcome === null) return
    sound(outcome === 'alarm' ? 'refused' : outcome)
    navigator.vibrate?.(PUSHES_MS[outcome])
  }, [outcome])
  return [
    on,
    wanted => {
      if (wanted) allowSound()
      setOn(wanted)
    },
  ]
}
