import { useCallback, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Warning } from '../ui/notice.tsx'

/** So many are named at once; more by a filter. */
export const TICKED_MAX = 1_000

export type Ticked = {
  readonly ids: ReadonlySet<string>
  readonly put: (ids: readonly string[], on: boolean) => void
  readonly clear: () => void
}

/** Who is ticked, on this page of the list and on others. */
export function useTicked(): Ticked {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const put = useCallback(
    (changed: readonly string[], on: boolean) =>
      setIds(before => (on ? before.union(new Set(changed)) : before.difference(new Set(changed)))),
    [],
  )
  const clear = useCallback(() => setIds(new Set()), [])
  return { ids, put, clear }
}

/** What can be done with those who are ticked; it comes with the first. */
export function TickedBar({
  ticked: { ids, clear },
  onInvite,
  onIssue,
}: {
  readonly ticked: Ticked
  /** Left out: whoever ticks may not. */
  readonly onInvite: (() => void) | undefined
  readonly onIssue: (() => void) | undefined
}) {
  const tooMany = ids.size > TICKED_MAX
  return (
    <div className="sticky bottom-14 z-20 flex flex-wrap items-center gap-2 border-line border-t bg-surface px-4 py-2 md:bottom-0">
      <p role="status" className="mr-auto font-medium">
        {countWords(ids.size, 'student', 'students')} ticked
      </p>
      {tooMany && <Warning>At most {TICKED_MAX.toLocaleString()} by name. Narrow the list and take all of it.</Warning>}
      <Button onClick={clear}>Tick nobody</Button>
      {onIssue && (
        <Button icon="passes" disabled={tooMany} onClick={onIssue}>
          Issue passes
        </Button>
      )}
      {onInvite && (
        <Button tone="primary" icon="key" disabled={tooMany} onClick={onInvite}>
          Invite them
        </Button>
      )}
    </div>
  )
}
