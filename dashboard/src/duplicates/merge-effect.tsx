import type { StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import type { previewMerge } from '@gatehouse/shared/wire/api/students-many.ts'
import { Link } from 'react-router'
import type { Good } from '../api/use-api.ts'
import { effectWords } from '../students/status-effect.tsx'
import { fullName, passCountWords } from '../students/student-words.ts'
import { countWords } from '../ui/count-words.ts'
import { Warning } from '../ui/notice.tsx'
import { MERGED_WORDS } from './merged-fields.ts'

type Preview = Good<typeof previewMerge>['data']

/** What a merge will do, in numbers, before anything is asked. */
export function MergeEffect({
  one,
  other,
  preview: { changes, passes, cards, applications, account, freedNumber, effects },
}: {
  readonly one: StudentInFull
  readonly other: StudentInFull
  readonly preview: Preview
}) {
  const turned = effectWords(effects, null)
  return (
    <div className="flex flex-col gap-3">
      <p className="text-16">
        <span className="text-muted">Stays: </span>
        <bdi className="font-strong">{fullName(one)}</bdi>{' '}
        <span className="font-mono text-13">{one.studentNumber}</span>
        <span className="text-muted">. Is archived: </span>
        <bdi className="font-strong">{fullName(other)}</bdi>{' '}
        <span className="font-mono text-13">{other.studentNumber}</span>
      </p>
      <ul className="list-disc pl-5">
        <li>
          {passes === 0
            ? 'The other has no pass: none moves.'
            : `${passCountWords(passes)} with ${countWords(cards, 'card', 'cards')} ${passes === 1 ? 'moves' : 'move'} over and ${passes === 1 ? 'goes' : 'go'} on opening.`}
        </li>
        {applications > 0 && <li>{countWords(applications, 'application moves', 'applications move')} over.</li>}
        {account === 'moves' && <li>The account of the other moves over: the same sign-in shows this student.</li>}
        {account === 'kept' && <li>The account stays as it is.</li>}
        {freedNumber !== null && (
          <li>
            Number <span className="font-mono text-13">{freedNumber}</span> is free again.
          </li>
        )}
        <li>
          {changes.length === 0
            ? 'No field of the one that stays changes.'
            : `Changes: ${changes.map(field => MERGED_WORDS[field].toLowerCase()).join(', ')}.`}
        </li>
        <li>Passages of both are this student’s.</li>
      </ul>
      {turned !== null && <Warning>{turned}</Warning>}
      {account === 'both' && (
        <Warning>
          Both can sign in. Delete the account that is not used any more under{' '}
          <Link to="/users?role=student" className="underline">
            People
          </Link>
          , then merge.
        </Warning>
      )}
    </div>
  )
}
