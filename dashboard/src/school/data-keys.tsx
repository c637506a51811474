import { listDataKeys, rotateDataKeys } from '@gatehouse/shared/wire/api/schools.ts'
import { useState } from 'react'
import { Link } from 'react-router'
import { Item, Section } from '../account/section.tsx'
import { useAsk, useDo } from '../api/use-api.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay } from '../ui/when.ts'

/** The keys that seal personal data, and a new one. */
export function DataKeys() {
  const keys = useAsk(listDataKeys, {})
  const [asking, setAsking] = useState(false)
  const zone = useZone()
  return (
    <Section
      title="Keys that seal personal data"
      act={<Button onClick={() => setAsking(true)}>Bring in a new key</Button>}
    >
      {keys.isPending && <Waiting rows={2} />}
      {keys.isError && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.data.length === 0 && <p className="p-4 text-muted">None yet: it is made when something is sealed.</p>}
      <ul>
        {keys.data?.data.slice(0, 5).map(({ number, createdAt, retiredAt }, at) => (
          <Item
            key={number}
            title={`Key ${number}`}
            detail={retiredAt === null ? `since ${sayDay(createdAt, zone)}` : `destroyed ${sayDay(retiredAt, zone)}`}
            act={
              <Badge tone={at === 0 ? 'granted' : 'quiet'}>
                {at === 0 ? 'Seals' : retiredAt === null ? 'Opens what it sealed' : 'Gone'}
              </Badge>
            }
          />
        ))}
      </ul>
      <Dialog open={asking} onClose={() => setAsking(false)} title="Bring in a new key">
        <Rotate onClose={() => setAsking(false)} />
      </Dialog>
    </Section>
  )
}

function Rotate({ onClose }: { readonly onClose: () => void }) {
  const rotate = useDo(rotateDataKeys, ['jobs'])
  if (rotate.data) {
    return (
      <>
        <p role="status">
          Key {rotate.data.number} seals from now on. What the old one sealed is done over in the background.{' '}
          <Link to={`/jobs?open=${rotate.data.jobId}`} className="quiet-link">
            See how far it is
          </Link>
        </p>
        <Acts>
          <Button onClick={onClose}>Close</Button>
        </Acts>
      </>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      <p>
        Personal data and cards are sealed with a new key, one row after another, while everything goes on. At the end
        the old key is destroyed. A backup from before keeps its own copy of the key.
      </p>
      <Problem error={rotate.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" busy={rotate.isPending && 'Beginning …'} onClick={() => rotate.mutate({})}>
          Bring in a new key
        </Button>
      </Acts>
    </div>
  )
}
