import { ARMED_S } from '@gatehouse/shared/command/command.ts'
import { armReader } from '@gatehouse/shared/wire/api/card-offers.ts'
import { listGates } from '@gatehouse/shared/wire/api/gates.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import { type FormEvent, useState } from 'react'
import { recall, remember } from '../api/browser-session.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Choice } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { AwaitedCard } from './awaited-card.tsx'
import { firstChoice, type ReaderChoice, readerChoices } from './reader-choices.ts'

const LAST_READER = 'gatehouse.reader'

/** Offline gates come back while somebody looks. */
const LOOK_EVERY_MS = 5_000

type Armed = { readonly armingId: string; readonly reader: ReaderChoice; readonly untilMs: number }

/** A card by holding it to a reader: which one, a minute to do it, and what was read. */
export function ReadCard({ pass, onClose }: { readonly pass: Pass; readonly onClose: () => void }) {
  const gates = useAsk(listGates, {}, { refetchMs: LOOK_EVERY_MS })
  const arm = useDo(armReader)
  const [chosen, setChosen] = useState<string | null>(null)
  const [armed, setArmed] = useState<Armed | null>(null)

  const choices = readerChoices(gates.data?.data ?? [])
  const reader = choices.find(({ key }) => key === chosen) ?? firstChoice(choices, recall(LAST_READER))

  function begin(at: ReaderChoice) {
    remember(LAST_READER, at.key)
    arm.mutate(
      { params: { gateId: at.gateId, reader: at.reader }, body: { lane: at.lane } },
      {
        // By this machine's clock: the two need not agree.
        onSuccess: ({ armingId }) => setArmed({ armingId, reader: at, untilMs: Date.now() + ARMED_S * 1000 }),
        onError: () => setArmed(null),
      },
    )
  }

  if (armed !== null) {
    return (
      <AwaitedCard
        key={armed.armingId}
        {...armed}
        pass={pass}
        again={() => begin(armed.reader)}
        elsewhere={() => setArmed(null)}
        onClose={onClose}
      />
    )
  }
  if (gates.isError) return <Failed error={gates.error} retry={() => void gates.refetch()} />
  if (!gates.data) return <Waiting rows={2} word="Loading the readers" />

  function submit(event: FormEvent) {
    event.preventDefault()
    if (reader) begin(reader)
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Problem error={arm.error} />
      {reader === undefined && (
        <p>
          {choices.length === 0
            ? 'No gate has a card reader yet.'
            : 'No card reader can be reached now. It shows here as soon as its gate is online.'}{' '}
          Type the number instead.
        </p>
      )}
      {choices.length > 0 && (
        <Choice
          label="Reader"
          value={reader?.key ?? ''}
          onChange={event => setChosen(event.target.value)}
          hint="Stand at it with the card; nothing opens by reading it"
        >
          {reader === undefined && <option value="">None</option>}
          {[...Map.groupBy(choices, ({ gateId }) => gateId)].map(([gateId, ofGate]) => (
            <optgroup key={gateId} label={ofGate[0]!.gate}>
              {ofGate.map(({ key, gate, name, problem }) => (
                <option key={key} value={key} disabled={problem !== null}>
                  {gate}, {name}
                  {problem && ` (${problem})`}
                </option>
              ))}
            </optgroup>
          ))}
        </Choice>
      )}
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          tone="primary"
          icon="reader"
          disabled={reader?.problem !== null}
          busy={arm.isPending && 'Asking the gate …'}
        >
          Wait for the card
        </Button>
      </Acts>
    </form>
  )
}
