import { resetFactors } from '@gatehouse/shared/wire/api/auth-factors.ts'
import { deleteUser, type UserAccount, updateUser } from '@gatehouse/shared/wire/api/users.ts'
import type { ReactNode } from 'react'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

export type Turn = 'deactivate' | 'reactivate' | 'factors' | 'delete'

const WORDS: Record<Turn, { title: string; means: ReactNode; act: string; busy: string; done: string }> = {
  deactivate: {
    title: 'Take access away',
    means:
      'Is signed out at once everywhere, and cannot sign in. Access keys are deleted and do not come back. The account and what was done with it stay.',
    act: 'Take access away',
    busy: 'Taking away …',
    done: 'can no longer sign in',
  },
  reactivate: {
    title: 'Give access back',
    means: 'Can sign in again as before, with the same role. Access keys must be made anew.',
    act: 'Give access back',
    busy: 'Giving back …',
    done: 'can sign in again',
  },
  factors: {
    title: 'Lost second factor',
    means:
      'Authenticator application, passkeys and recovery codes are taken away, and the sessions end. The password stays. Be sure whom you are talking to: whoever knows the password is then let in.',
    act: 'Take the factors away',
    busy: 'Taking away …',
    done: 'has no second factor any more',
  },
  delete: {
    title: 'Delete the account',
    means:
      'Is signed out at once and gone for good; the e-mail address is free for another account. What was done with it stays written. A student stays in the list of students.',
    act: 'Delete for good',
    busy: 'Deleting …',
    done: 'deleted',
  },
}

/** Asks before it is done, with what it does. */
export function UserTurn({
  user,
  turn,
  onClose,
  onGone,
}: {
  readonly user: UserAccount
  readonly turn: Turn | null
  readonly onClose: () => void
  readonly onGone: () => void
}) {
  return (
    <Dialog open={turn !== null} onClose={onClose} title={turn === null ? '' : WORDS[turn].title}>
      {turn !== null && <Question user={user} turn={turn} onClose={onClose} onGone={onGone} />}
    </Dialog>
  )
}

function Question({
  user,
  turn,
  onClose,
  onGone,
}: {
  readonly user: UserAccount
  readonly turn: Turn
  readonly onClose: () => void
  readonly onGone: () => void
}) {
  const update = useDo(updateUser)
  const reset = useDo(resetFactors)
  const remove = useDo(deleteUser)
  const say = useSay()
  const { means, act, busy, done } = WORDS[turn]
  const params = { userId: user.id }

  function go() {
    const onSuccess = () => {
      say({ text: `${user.displayName} ${done}` })
      onClose()
    }
    if (turn === 'factors') reset.mutate({ params }, { onSuccess })
    else if (turn === 'delete') {
      remove.mutate(
        { params, ifMatch: user.version },
        {
          onSuccess: () => {
            onSuccess()
            onGone()
          },
        },
      )
    } else update.mutate({ params, body: { active: turn === 'reactivate' }, ifMatch: user.version }, { onSuccess })
  }

  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{user.displayName}</bdi>, <bdi>{user.email}</bdi>
      </p>
      {turn === 'reactivate' ? <p>{means}</p> : <Warning>{means}</Warning>}
      <Problem error={update.error ?? reset.error ?? remove.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone={turn === 'reactivate' ? 'primary' : 'danger'}
          busy={(update.isPending || reset.isPending || remove.isPending) && busy}
          onClick={go}
        >
          {act}
        </Button>
      </Acts>
    </div>
  )
}
