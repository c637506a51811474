import type { Student } from '@gatehouse/shared/wire/api/students.ts'
import { type PassEffect, previewStatus } from '@gatehouse/shared/wire/api/students-many.ts'
import { useQuery } from '@tanstack/react-query'
import { thrown } from '../api/failure.ts'
import { useBrowserSession } from '../api/session-context.ts'
import { Waiting, Warning } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay } from '../ui/when.ts'
import { passCountWords } from './student-words.ts'

const SHOWN = 5

/** What the service says a new status will do, with the passes it means. */
export function StatusEffect({
  studentIds,
  status,
}: {
  readonly studentIds: readonly string[]
  readonly status: Student['status'] | 'archived'
}) {
  const { client } = useBrowserSession()
  const zone = useZone()
  const body = { studentIds: [...studentIds], status }
  const preview = useQuery({
    queryKey: ['students', 'status-preview', body],
    queryFn: async ({ signal }) => {
      const answer = await client.call(previewStatus, { body }, signal)
      if (!answer.ok) throw thrown(answer.failure)
      return answer.data
    },
    gcTime: 0,
  })
  if (preview.isPending) return <Waiting rows={1} />
  if (preview.isError) return <Warning>What this does to the passes could not be found out. Try again.</Warning>
  const { counts, passes, passesEndAt } = preview.data
  const until = passesEndAt === null ? null : sayDay(passesEndAt, zone)
  const said = effectWords(counts, until)
  if (said === null) return null
  return (
    <Warning>
      <p>{said}</p>
      <ul className="mt-1 text-13">
        {passes.slice(0, SHOWN).map(pass => (
          <li key={pass.passId}>
            Pass {pass.serial}, <bdi>{pass.holderName}</bdi>
          </li>
        ))}
        {passes.length > SHOWN && <li>and {passes.length - SHOWN} more</li>}
      </ul>
    </Warning>
  )
}

/** The effects as sentences; null where nothing happens to any pass. `until`: the day from which they no longer open. */
export function effectWords(
  counts: Readonly<Partial<Record<PassEffect, number>>>,
  until: string | null,
): string | null {
  const words: Record<PassEffect, (count: string) => string> = {
    suspended: count => `Suspends ${count}. They come back when the student is active again.`,
    given_back: count => `Gives ${count} back.`,
    kept_after_all: count => `Keeps ${count} that would have ended.`,
    revoked: count => `Revokes ${count} for good; new ones must be issued.`,
    revoked_later: count => `Ends ${count} on ${until}. Coming back before then undoes it.`,
    stays_revoked: count => `${count} stay revoked; new ones must be issued.`,
  }
  const said = (Object.keys(words) as PassEffect[]).flatMap(effect => {
    const count = counts[effect] ?? 0
    if (count === 0) return []
    const sentence = words[effect](passCountWords(count))
    return count === 1
      ? [sentence.replace('They come', 'It comes').replace(' stay revoked; new ones', ' stays revoked; a new one')]
      : [sentence]
  })
  return said.length === 0 ? null : said.join(' ')
}
