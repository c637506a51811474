import { getStudent, type StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import { mergeStudents, previewMerge } from '@gatehouse/shared/wire/api/students-many.ts'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { fullName, passCountWords } from '../students/student-words.ts'
import { Button } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Failed, Problem, Waiting, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'
import { FieldChoices } from './field-choices.tsx'
import { MergeEffect } from './merge-effect.tsx'
import type { Take } from './merged-fields.ts'

/** Two entries of one student beside each other; of each field one is taken, and one student is left. */
export function MergePage() {
  const { studentId = '', otherId = '' } = useParams()
  const one = useAsk(getStudent, { params: { studentId } })
  const other = useAsk(getStudent, { params: { studentId: otherId } })
  // Once merged the other is gone; what was read of it stays until the next page is there.
  const missing = [one, other].find(({ isError, data }) => isError && data === undefined)
  return (
    <Page title="Merge two students">
      {missing && <Failed error={missing.error} retry={() => void missing.refetch()} />}
      {!missing && (one.isPending || other.isPending) && <Waiting rows={8} />}
      {one.data && other.data && <Two key={`${studentId} ${otherId}`} one={one.data.data} other={other.data.data} />}
    </Page>
  )
}

function Two({ one, other }: { readonly one: StudentInFull; readonly other: StudentInFull }) {
  const [take, setTake] = useState<Take>({})
  const [asking, setAsking] = useState(false)
  const body = { otherId: other.id, take }
  const preview = useAsk(previewMerge, { params: { studentId: one.id }, body }, { keep: true })
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <section aria-label="What it does" className="panel p-4">
        {preview.isPending && <Waiting rows={3} word="Looking what it does" />}
        {preview.isError && <Failed error={preview.error} retry={() => void preview.refetch()} />}
        {preview.data && <MergeEffect one={one} other={other} preview={preview.data.data} />}
      </section>
      <section aria-labelledby="which" className="panel">
        <div className="flex flex-wrap items-center justify-between gap-2 border-line border-b px-4 py-2">
          <h2 id="which" className="font-strong">
            Which of each is right
          </h2>
          <ButtonLink to={`/students/${other.id}/merge/${one.id}`} replace>
            Keep the other one
          </ButtonLink>
        </div>
        <FieldChoices one={one} other={other} take={take} onTake={setTake} />
      </section>
      <div className="flex flex-wrap justify-end gap-2">
        <ButtonLink to="/students/duplicates">They are two people</ButtonLink>
        <Button
          tone="danger"
          disabled={preview.data === undefined || preview.isPlaceholderData || preview.data.data.account === 'both'}
          onClick={() => setAsking(true)}
        >
          Merge …
        </Button>
      </div>
      <Dialog open={asking} onClose={() => setAsking(false)} title="Merge for good">
        <Confirm
          one={one}
          other={other}
          take={take}
          passes={preview.data?.data.passes ?? 0}
          onClose={() => setAsking(false)}
        />
      </Dialog>
    </div>
  )
}

function Confirm({
  one,
  other,
  take,
  passes,
  onClose,
}: {
  readonly one: StudentInFull
  readonly other: StudentInFull
  readonly take: Take
  readonly passes: number
  readonly onClose: () => void
}) {
  const merge = useDo(mergeStudents, ['passes', 'departments', 'users'])
  const navigate = useNavigate()
  const say = useSay()
  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{fullName(other)}</bdi> ({other.studentNumber}) is archived,{' '}
        {passes === 0 ? 'no pass moves' : `${passCountWords(passes)} ${passes === 1 ? 'moves' : 'move'}`}, and{' '}
        <bdi className="font-medium">{fullName(one)}</bdi> ({one.studentNumber}) stays.
      </p>
      <Warning>A merge cannot be undone. Nothing brings the two apart again.</Warning>
      <Problem error={merge.error} />
      <Acts>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="danger"
          busy={merge.isPending && 'Merging …'}
          onClick={() =>
            merge.mutate(
              { params: { studentId: one.id }, body: { otherId: other.id, take } },
              {
                onSuccess: merged => {
                  say({ text: `${fullName(merged)} is one student now` })
                  void navigate(`/students/${merged.id}`, { replace: true })
                },
              },
            )
          }
        >
          Merge for good
        </Button>
      </Acts>
    </div>
  )
}
