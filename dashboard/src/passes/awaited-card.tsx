import { type CardOffer, cardOffer, takeCard } from '@gatehouse/shared/wire/api/card-offers.ts'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import { type ReactNode, useEffect, useState } from 'react'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useNow } from '../ui/use-now.ts'
import { sayOver, saySecondsLeft } from './offer-words.ts'
import { TECHNOLOGY_WORDS } from './pass-words.ts'
import type { ReaderChoice } from './reader-choices.ts'
import { SimulatedCard } from './simulated-card.tsx'

const LOOK_EVERY_MS = 1_000

type Needs = {
  readonly armingId: string
  readonly reader: ReaderChoice
  readonly untilMs: number
  readonly pass: Pass
  readonly again: () => void
  readonly elsewhere: () => void
  readonly onClose: () => void
}

/** An armed reader, until it has its card or its minute is over. */
export function AwaitedCard({ armingId, reader, untilMs, pass, again, elsewhere, onClose }: Needs) {
  const [open, setOpen] = useState(true)
  const asked = useAsk(cardOffer, { params: { armingId } }, open ? { refetchMs: LOOK_EVERY_MS } : {})
  const offer = asked.data?.data
  const isOpen = offer === undefined || offer.state === 'waiting' || offer.state === 'gate_offline'
  useEffect(() => setOpen(isOpen), [isOpen])

  if (offer?.state === 'offered' || offer?.state === 'taken')
    return <Offered offer={offer} pass={pass} again={again} onClose={onClose} />
  const over = sayOver(offer)
  if (over !== null) {
    return (
      <div className="flex flex-col gap-4">
        <div role="status">
          <Warning>{over}</Warning>
        </div>
        <Acts>
          <Button onClick={onClose}>Cancel</Button>
          <Button onClick={elsewhere}>Another reader</Button>
          <Button tone="primary" icon="reader" onClick={again}>
            Try again
          </Button>
        </Acts>
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      <div>
        <p role="status" className="text-20 font-strong">
          Hold the card to the reader now
        </p>
        <p>
          <bdi>
            {reader.gate}, {reader.name}
          </bdi>
        </p>
        <SecondsLeft untilMs={untilMs} />
      </div>
      {asked.isError && <Problem error={asked.error} />}
      {offer?.state === 'gate_offline' && (
        <Warning>The gate has gone offline. If it comes back in time, the card is still read.</Warning>
      )}
      {offer?.holder && (
        <div role="status">
          <Warning>
            That card is on {whose(offer.holder, pass)} already. The reader still waits for one that is on none.
          </Warning>
        </div>
      )}
      <SimulatedCard reader={reader} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button onClick={elsewhere}>Another reader</Button>
      </Acts>
    </div>
  )
}

/** Drawn alone each second, and not read out each second. */
function SecondsLeft({ untilMs }: { readonly untilMs: number }) {
  const leftS = Math.max(0, Math.ceil((untilMs - useNow()) / 1000))
  return (
    <p role="timer" className="figures text-muted">
      {saySecondsLeft(leftS)}
    </p>
  )
}

function Offered({
  offer: { armingId, card, holder },
  pass,
  again,
  onClose,
}: Pick<Needs, 'pass' | 'again' | 'onClose'> & { readonly offer: CardOffer }) {
  const take = useDo(takeCard, ['passes', 'students'])
  const say = useSay()
  const add = () =>
    take.mutate(
      { params: { armingId }, body: { passId: pass.passId } },
      {
        onSuccess: ({ ending }) => {
          say({ text: `Card …${ending} added` })
          onClose()
        },
      },
    )
  return (
    <div className="flex flex-col gap-4">
      {card && (
        <div role="status">
          <p className="text-13 text-muted">The card that was read ends in</p>
          <p className="font-mono text-28 font-strong tracking-wide">…{card.ending}</p>
          <p>
            {TECHNOLOGY_WORDS[card.technology]}, {card.bitCount} bits
          </p>
        </div>
      )}
      {holder ? (
        <Warning>This card is on {whose(holder, pass)} already. Take it off there first, or read another.</Warning>
      ) : (
        <p>In hexadecimal, as readers show it. The rest of the number is shown to nobody.</p>
      )}
      <Problem error={take.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button onClick={again}>Read another</Button>
        {holder === null && (
          <Button tone="primary" onClick={add} busy={take.isPending && 'Adding …'}>
            Add to pass {pass.serial}
          </Button>
        )}
      </Acts>
    </div>
  )
}

function whose({ passId, serial, name }: NonNullable<CardOffer['holder']>, pass: Pass): ReactNode {
  if (passId === pass.passId) return 'this pass'
  return (
    <>
      pass {serial} of <bdi>{name}</bdi>
    </>
  )
}
