import { demoPresent, demoPresentables, type PresentableKind } from '@gatehouse/shared/wire/api/gates.ts'
import { type FormEvent, useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem } from '../ui/notice.tsx'

const TYPED = 'typed'

/** Only where the hardware is simulated: holds a credential to a reader. */
export function PresentPanel() {
  const mayPresent = useMay('demo:present')
  const presentables = useAsk(demoPresentables, {}, { enabled: mayPresent })
  const present = useDo(demoPresent)
  const [chosen, setChosen] = useState('0')
  const [laneAt, setLaneAt] = useState('0')
  const [kind, setKind] = useState<PresentableKind>('card')
  const [typed, setTyped] = useState('')
  if (!presentables.data || presentables.data.data.lanes.length === 0) return null

  const { lanes, credentials } = presentables.data.data
  const lane = lanes[Number(laneAt)]
  const known = credentials[Number(chosen)]
  const isTyped = chosen === TYPED || known === undefined
  const credential = isTyped ? { kind, value: typed.trim() } : known

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!lane || credential.value === '') return
    present.mutate({
      body: {
        gate: lane.gate,
        lane: lane.lane,
        [credential.kind]: credential.value,
      },
    })
  }

  return (
    <section aria-label="Present a credential" className="panel px-4 py-3">
      <div className="flex flex-wrap justify-between gap-x-4 text-13 text-muted">
        <h2>Present a card, a code or a PIN to a simulated reader</h2>
        <p role="status">
          {present.data &&
            `Sent ${present.data.bytes} bytes to reader ${present.data.reader} of ${present.data.gate}, lane ${present.data.lane}`}
        </p>
      </div>
      <form onSubmit={submit} className="mt-2 flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1 basis-44">
          <Choice label="Access point" value={laneAt} onChange={event => setLaneAt(event.target.value)}>
            {lanes.map(({ gate, gateName, lane: laneName, name }, at) => (
              <option key={`${gate} ${laneName}`} value={at}>
                {gateName}, {name}
              </option>
            ))}
          </Choice>
        </div>
        <div className="min-w-0 flex-1 basis-52">
          <Choice label="Credential" value={isTyped ? TYPED : chosen} onChange={event => setChosen(event.target.value)}>
            {credentials.map(({ label, value }, at) => (
              <option key={value} value={at}>
                {label}
              </option>
            ))}
            <option value={TYPED}>Type one …</option>
          </Choice>
        </div>
        {isTyped && (
          <>
            <div className="basis-28">
              <Choice label="Kind" value={kind} onChange={event => setKind(event.target.value as PresentableKind)}>
                <option value="card">Card</option>
                <option value="qr">QR code</option>
                <option value="pin">PIN</option>
              </Choice>
            </div>
            <div className="min-w-0 flex-1 basis-44">
              <Field
                label={kind === 'card' ? 'Card number, hexadecimal' : kind === 'pin' ? 'Digits' : 'Code'}
                value={typed}
                onChange={event => setTyped(event.target.value)}
                placeholder={kind === 'card' ? '01000734E0' : ''}
                required
                maxLength={kind === 'card' ? 64 : 512}
                spellCheck={false}
                autoComplete="off"
                className="font-mono"
              />
            </div>
          </>
        )}
        <Button type="submit" tone="primary" busy={present.isPending && 'Presenting …'}>
          Present
        </Button>
      </form>
      {present.isError && (
        <div className="mt-3">
          <Problem error={present.error} />
        </div>
      )}
    </section>
  )
}
