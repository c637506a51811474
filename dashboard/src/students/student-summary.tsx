import { listPasses } from '@gatehouse/shared/wire/api/passes.ts'
import { getStudent } from '@gatehouse/shared/wire/api/students.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { PassLine } from '../passes/pass-line.tsx'
import { Badge } from '../ui/badge.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { Fact, Facts } from '../ui/list-frame.tsx'
import { Failed, Waiting } from '../ui/notice.tsx'
import { STATUS_TONES, STATUS_WORDS } from './student-words.ts'

/** A student beside the list: who, how things stand, and the way to the whole page. */
export function StudentSummary({ studentId }: { readonly studentId: string }) {
  const student = useAsk(getStudent, { params: { studentId } })
  const passes = useAsk(listPasses, { query: { studentId } }, { enabled: useMay('pass:read') })
  if (student.isPending) return <Waiting rows={4} />
  if (student.isError) return <Failed error={student.error} retry={() => void student.refetch()} />
  const { data } = student.data
  return (
    <div className="flex flex-col gap-4">
      <Facts>
        <Fact name="Status">
          <Badge tone={STATUS_TONES[data.status]}>{STATUS_WORDS[data.status]}</Badge>
        </Fact>
        <Fact name="Number">
          <span className="font-mono text-13">{data.studentNumber}</span>
        </Fact>
        <Fact name="Department">
          <bdi>{data.department?.name ?? 'none'}</bdi>
        </Fact>
        <Fact name="E-mail">{data.email ?? 'none'}</Fact>
      </Facts>
      <ButtonLink to={`/students/${studentId}`} tone="primary" className="self-start">
        Open the whole page
      </ButtonLink>
      <h3 className="border-line border-t pt-4 font-strong">Passes</h3>
      {passes.isPending && passes.isFetching && <Waiting rows={1} />}
      {passes.data?.data.length === 0 && <p className="text-muted">No pass yet.</p>}
      <ul className="flex flex-col gap-3">
        {passes.data?.data.map(pass => (
          <li key={pass.passId}>
            <PassLine pass={pass} />
          </li>
        ))}
      </ul>
    </div>
  )
}
