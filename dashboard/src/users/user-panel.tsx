import { endSessionsOfUser } from '@gatehouse/shared/wire/api/auth-sessions.ts'
import { getUser, type UserAccount } from '@gatehouse/shared/wire/api/users.ts'
import { useState } from 'react'
import { useMay, useUser } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay } from '../ui/when.ts'
import { ROLE_MEANS, ROLE_WORDS } from './role-words.ts'
import { UserForm } from './user-form.tsx'
import { UserHistory } from './user-history.tsx'
import { type Turn, UserTurn } from './user-turn.tsx'

/** Somebody beside the list: what they may, and what can be done about it. */
export function UserPanel({ userId, onGone }: { readonly userId: string; readonly onGone: () => void }) {
  const user = useAsk(getUser, { params: { userId } })
  if (user.isPending) return <Waiting rows={4} />
  // Who was just deleted is drawn until the panel is closed: the dialog that did it is part of it.
  if (user.data === undefined) return <Failed error={user.error} retry={() => void user.refetch()} />
  return <Opened user={user.data.data} onGone={onGone} />
}

function Opened({ user, onGone }: { readonly user: UserAccount; readonly onGone: () => void }) {
  const zone = useZone()
  const me = useUser()
  const mayChange = useMay('user:update')
  const [changing, setChanging] = useState(false)
  const [turn, setTurn] = useState<Turn | null>(null)
  return (
    <div className="flex flex-col gap-4">
      <Facts>
        <Fact name="Name">
          <bdi>{user.displayName}</bdi>
        </Fact>
        <Fact name="E-mail">
          <a className="quiet-link" href={`mailto:${user.email}`}>
            {user.email}
          </a>
        </Fact>
        <Fact name="Access">
          <Badge tone={user.active ? 'granted' : 'quiet'}>{user.active ? 'Can sign in' : 'Cannot sign in'}</Badge>
        </Fact>
        <Fact name="Role">
          {ROLE_WORDS[user.role]}
          <span className="block text-13 text-muted">{ROLE_MEANS[user.role]}</span>
        </Fact>
        {user.grants.includes('pii:read') && <Fact name="Beside it">Sees personal data of students</Fact>}
        <Fact name="Entered">{sayDay(user.createdAt, zone)}</Fact>
      </Facts>
      {mayChange && (
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => setChanging(true)}>Change</Button>
          <SignOut user={user} />
          <Button onClick={() => setTurn('factors')}>Lost second factor</Button>
          {user.id !== me.id && (
            <>
              <Button onClick={() => setTurn(user.active ? 'deactivate' : 'reactivate')}>
                {user.active ? 'Take access away' : 'Give access back'}
              </Button>
              <Button onClick={() => setTurn('delete')}>Delete</Button>
            </>
          )}
        </div>
      )}
      <UserHistory userId={user.id} />
      <UserForm open={changing} onClose={() => setChanging(false)} user={user} />
      <UserTurn user={user} turn={turn} onClose={() => setTurn(null)} onGone={onGone} />
    </div>
  )
}

function SignOut({ user }: { readonly user: UserAccount }) {
  const end = useDo(endSessionsOfUser)
  const say = useSay()
  return (
    <>
      <Button
        busy={end.isPending && 'Signing out …'}
        onClick={() =>
          end.mutate(
            { params: { userId: user.id } },
            { onSuccess: ({ ended }) => say({ text: `${countWords(ended, 'session', 'sessions')} ended` }) },
          )
        }
      >
        Sign out everywhere
      </Button>
      <Problem error={end.error} />
    </>
  )
}
