import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import { useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { Chip, Chips } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ReadCard } from './read-card.tsx'
import { TypeCard } from './type-card.tsx'

/** Binds a card to a pass, its number typed or read at a gate. */
export function AddCard({
  pass,
  open,
  onClose,
}: {
  readonly pass: Pass
  readonly open: boolean
  readonly onClose: () => void
}) {
  return (
    <Dialog open={open} onClose={onClose} title={`Add a card to pass ${pass.serial}`}>
      <Ways pass={pass} onClose={onClose} />
    </Dialog>
  )
}

function Ways({ pass, onClose }: { readonly pass: Pass; readonly onClose: () => void }) {
  const mayRead = useMay('reader:arm')
  const [way, setWay] = useState<'type' | 'read'>('type')
  return (
    <div className="flex flex-col gap-4">
      {mayRead && (
        <Chips name="How to add the card">
          <Chip on={way === 'type'} onPress={() => setWay('type')}>
            Type the number
          </Chip>
          <Chip on={way === 'read'} onPress={() => setWay('read')}>
            Read it at a reader
          </Chip>
        </Chips>
      )}
      {way === 'type' ? <TypeCard pass={pass} onClose={onClose} /> : <ReadCard pass={pass} onClose={onClose} />}
    </div>
  )
}
