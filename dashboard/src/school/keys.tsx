import { endSchoolKey, listSchoolKeys, type SchoolAccessKey } from '@gatehouse/shared/wire/api/auth-keys.ts'
import { useState } from 'react'
import { Link } from 'react-router'
import { sayScope } from '../account/scope-words.ts'
import { Item, Section } from '../account/section.tsx'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { useSay } from '../ui/said.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAgo, sayDay } from '../ui/when.ts'

const SHOWN = 10

/** Which programs speak for whom. A key is made by its owner, under Account. */
export function Keys() {
  const address = useAddress()
  const keys = useAsk(listSchoolKeys, { query: { page: pageOf(address), limit: SHOWN } }, { keep: true })
  const [ending, setEnding] = useState<SchoolAccessKey | null>(null)
  const nowMs = useNow(60_000)
  const zone = useZone()
  return (
    <Section title="Access keys of everybody">
      {keys.isPending && <Waiting rows={3} />}
      {keys.isError && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.data.length === 0 && (
        <p className="p-4 text-muted">
          No program speaks for anybody. Keys are made by their owners, under{' '}
          <Link to="/account" className="quiet-link">
            Account
          </Link>
          .
        </p>
      )}
      <ul>
        {keys.data?.data.map(key => (
          <Item
            key={key.id}
            title={<bdi>{key.name}</bdi>}
            detail={
              <>
                <Link to={`/users?open=${key.owner.id}`} className="quiet-link">
                  <bdi>{key.owner.displayName}</bdi>
                </Link>{' '}
                · may {key.scopes.slice(0, 3).map(sayScope).join(', ')}
                {key.scopes.length > 3 && ` and ${key.scopes.length - 3} more`} · until {sayDay(key.expiresAt, zone)} ·{' '}
                {key.lastUsedAt ? `used ${sayAgo(key.lastUsedAt, nowMs)}` : 'never used'}
              </>
            }
            act={
              <Button aria-label={`End key ${key.name} of ${key.owner.displayName}`} onClick={() => setEnding(key)}>
                End
              </Button>
            }
          />
        ))}
      </ul>
      {(keys.data?.pagination?.totalPages ?? 1) > 1 && (
        <Pager pagination={keys.data?.pagination ?? null} address={address} />
      )}
      <Dialog open={ending !== null} onClose={() => setEnding(null)} title="End the access key">
        {ending && <End accessKey={ending} onClose={() => setEnding(null)} />}
      </Dialog>
    </Section>
  )
}

function End({ accessKey, onClose }: { readonly accessKey: SchoolAccessKey; readonly onClose: () => void }) {
  const end = useDo(endSchoolKey)
  const say = useSay()
  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{accessKey.name}</bdi> of <bdi>{accessKey.owner.displayName}</bdi> works no more;
        programs that use it are cut off at once. Its owner can make another.
      </p>
      <Problem error={end.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={end.isPending && 'Ending …'}
          onClick={() =>
            end.mutate(
              { params: { keyId: accessKey.id } },
              {
                onSuccess: () => {
                  say({ text: `Key ${accessKey.name} ended` })
                  onClose()
                },
              },
            )
          }
        >
          End the key
        </Button>
      </Acts>
    </div>
  )
}
