import { toHex } from '@gatehouse/shared/bytes.ts'
import { demoPresent, demoPresentables } from '@gatehouse/shared/wire/api/gates.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/notice.tsx'
import type { ReaderChoice } from './reader-choices.ts'

/** Only where the hardware is simulated: a card that nobody has, held to the reader that waits. */
export function SimulatedCard({ reader }: { readonly reader: ReaderChoice }) {
  const mayPresent = useMay('demo:present')
  const presentables = useAsk(demoPresentables, {}, { enabled: mayPresent })
  const present = useDo(demoPresent)
  const isSimulated = presentables.data?.data.lanes.some(
    ({ gateName, lane, readers }) => gateName === reader.gate && lane === reader.lane && readers.includes('card'),
  )
  if (!isSimulated) return null
  const hold = () => present.mutate({ body: { gate: reader.gateId, lane: reader.lane, card: newNumber() } })

  return (
    <div className="flex flex-col items-start gap-2 border-line border-t pt-3">
      <p className="text-13 text-muted">This reader is simulated</p>
      <Button onClick={hold} busy={present.isPending && 'Holding …'}>
        Hold a new card to it
      </Button>
      <Problem error={present.error} />
    </div>
  )
}

/** Five bytes, as an EM4100 card has them. */
const newNumber = () => toHex(crypto.getRandomValues(new Uint8Array(5))).toUpperCase()
