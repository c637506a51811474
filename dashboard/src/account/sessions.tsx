import { endSession, listSessions, type Session } from '@gatehouse/shared/wire/api/auth-sessions.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useNow } from '../ui/use-now.ts'
import { sayAgo } from '../ui/when.ts'
import { Item, Section } from './section.tsx'

const METHOD_WORDS: Record<Session['method'], string> = {
  password: 'with the password',
  passkey: 'with a passkey',
  sign_on: 'with the school’s sign-on',
}

/** Where this person is signed in. */
export function Sessions() {
  const sessions = useAsk(listSessions, {})
  const end = useDo(endSession)
  const nowMs = useNow(60_000)
  return (
    <Section title="Where I am signed in">
      {sessions.isPending && <Waiting rows={2} />}
      {sessions.isError && <Failed error={sessions.error} retry={() => void sessions.refetch()} />}
      <Problem error={end.error} />
      <ul>
        {sessions.data?.data.map(({ id, current, device, address, method, createdAt, usedAt }) => (
          <Item
            key={id}
            title={device ?? 'A program'}
            detail={
              <>
                {current ? 'this one' : `used ${sayAgo(usedAt, nowMs)}`} · {METHOD_WORDS[method]}{' '}
                {sayAgo(createdAt, nowMs)}
                {address !== null && <> · {address}</>}
              </>
            }
            act={
              !current && (
                <Button
                  aria-label={`End the session of ${device ?? 'a program'}`}
                  busy={end.isPending && end.variables.params.sessionId === id && 'Ending …'}
                  onClick={() => end.mutate({ params: { sessionId: id } })}
                >
                  End
                </Button>
              )
            }
          />
        ))}
      </ul>
    </Section>
  )
}
