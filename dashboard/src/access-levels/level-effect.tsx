import type { LevelEffect } from '@gatehouse/shared/wire/api/access-levels.ts'
import { countWords } from '../ui/count-words.ts'
import { Warning } from '../ui/notice.tsx'

/** What a change does to the passes that follow the level, before it is made. */
export function Effect({ effect }: { readonly effect: LevelEffect }) {
  const { passes, living, gain, lose, groupsGained, groupsLost, hours, renumbered, guard } = effect
  const changed = effect.class
  return (
    <div className="flex flex-col gap-3">
      <p>
        {countWords(passes, 'pass follows', 'passes follow')} this level; {countWords(living, 'opens', 'open')}{' '}
        something today.
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {groupsGained.length > 0 && <Line term="Gain" words={namesOf(groupsGained)} count={gain} />}
        {groupsLost.length > 0 && <Line term="Lose" words={namesOf(groupsLost)} count={lose} />}
        {hours !== null && <Line term="Hours" words={`${hours.from} → ${hours.to}`} count={living} />}
        {changed !== null && <Line term="Kind" words={`${changed.from} → ${changed.to}`} count={passes} />}
      </dl>
      {gain + lose === 0 && <p className="text-muted">No pass opens more or less by it.</p>}
      {renumbered > 0 && (
        <Warning>
          {countWords(renumbered, 'pass gets', 'passes get')} a new number, because they open more. Codes that were
          printed or put in a wallet before do not open what is new until they are made again.
        </Warning>
      )}
      {guard.waits && (
        <Warning>
          More than {guard.limit} passes lose by it: gates hear of that only when a second administrator has let it go.
        </Warning>
      )}
    </div>
  )
}

function Line({ term, words, count }: { readonly term: string; readonly words: string; readonly count: number }) {
  return (
    <>
      <dt className="font-medium">{term}</dt>
      <dd className="min-w-0 break-words">
        <bdi>{words}</bdi> <span className="text-muted">({countWords(count, 'pass', 'passes')})</span>
      </dd>
    </>
  )
}

function namesOf(groups: readonly { readonly name: string }[]): string {
  return groups.map(({ name }) => name).join(', ')
}
