import { listDuplicates } from '@gatehouse/shared/wire/api/students-many.ts'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { type Good, useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { fullName, passCountWords } from '../students/student-words.ts'
import { ButtonLink } from '../ui/button-link.tsx'
import { countWords } from '../ui/count-words.ts'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayDay } from '../ui/when.ts'

type Twins = Good<typeof listDuplicates>['data'][number]

const BECAUSE: Record<Twins['because'], string> = {
  person: 'Same name and date of birth',
  phone: 'Same phone number',
  privateEmail: 'Same private e-mail address',
}

/** Of the first so many; the next ones come when these are done. */
const SHOWN_MAX = 100

/** Students that may be one person, to be looked at and merged. */
export function DuplicatesPage() {
  const duplicates = useAsk(listDuplicates, {})
  const groups = duplicates.data?.data ?? []
  return (
    <Page title="Duplicates">
      <div className="flex max-w-4xl flex-col gap-4">
        {duplicates.isPending && <Waiting rows={6} />}
        {duplicates.isError && (
          <div className="panel">
            <Failed error={duplicates.error} retry={() => void duplicates.refetch()} />
          </div>
        )}
        {duplicates.data && groups.length === 0 && (
          <div className="panel">
            <Empty title="No duplicates" act={<ButtonLink to="/students">To the students</ButtonLink>}>
              No two students share name and birth date, phone number or private e-mail address.
            </Empty>
          </div>
        )}
        {groups.length > 0 && (
          <p className="text-muted">
            {groups.length === SHOWN_MAX ? `The first ${SHOWN_MAX}` : countWords(groups.length, 'group', 'groups')} of
            students that may be one person. Brothers and sisters share a phone: look before you merge.
          </p>
        )}
        {groups.map(group => (
          <Group key={group.students.map(({ id }) => id).join()} group={group} />
        ))}
      </div>
    </Page>
  )
}

/** The oldest entry first: it is the one that others are held against. */
function Group({ group: { because, students } }: { readonly group: Twins }) {
  const zone = useZone()
  const mayMerge = useMay('student:archive')
  const [first] = students
  return (
    <section aria-label={`${BECAUSE[because]}: ${students.map(fullName).join(', ')}`} className="panel">
      <h2 className="flex min-h-11 items-center border-line border-b px-4 font-strong">{BECAUSE[because]}</h2>
      <ul>
        {students.map(student => (
          <li
            key={student.id}
            className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-line border-b px-4 py-2 last:border-b-0"
          >
            <div className="min-w-0">
              <p className="truncate">
                <Link to={`/students/${student.id}`} className="quiet-link font-medium">
                  <bdi>{fullName(student)}</bdi>
                </Link>
              </p>
              <p className="text-13 text-muted">
                <span className="font-mono">{student.studentNumber}</span> · {passCountWords(student.passCount)} ·
                entered {sayDay(student.createdAt, zone)}
              </p>
            </div>
            {student !== first && mayMerge && (
              <ButtonLink
                to={`/students/${first!.id}/merge/${student.id}`}
                aria-label={`Compare ${student.studentNumber} with ${first!.studentNumber}`}
              >
                {students.length === 2 ? 'Compare' : `Compare with ${first!.studentNumber}`}
              </ButtonLink>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
