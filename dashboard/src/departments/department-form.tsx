import {
  createDepartment,
  type Department,
  deleteDepartment,
  renameDepartment,
} from '@gatehouse/shared/wire/api/departments.ts'
import { type FormEvent, useState } from 'react'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { countWords } from '../ui/count-words.ts'
import { Acts, Dialog } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Problem, Warning } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** What shows the name of a department. */
const CHANGES = ['students', 'access-level-defaults']

/** A new department, or one that is renamed or deleted. */
export function DepartmentForm({
  open,
  department,
  others,
  onClose,
}: {
  readonly open: boolean
  readonly department: Department | null
  readonly others: readonly Department[]
  readonly onClose: () => void
}) {
  const [deleting, setDeleting] = useState(false)
  return (
    <Dialog open={open} onClose={onClose} title={titleOf(department, deleting)}>
      {department !== null && deleting ? (
        <Delete department={department} others={others} onBack={() => setDeleting(false)} onClose={onClose} />
      ) : (
        <Name department={department} onDelete={() => setDeleting(true)} onClose={onClose} />
      )}
    </Dialog>
  )
}

function titleOf(department: Department | null, deleting: boolean): string {
  if (department === null) return 'New department'
  return deleting ? 'Delete the department' : 'Department'
}

function Name({
  department,
  onDelete,
  onClose,
}: {
  readonly department: Department | null
  readonly onDelete: () => void
  readonly onClose: () => void
}) {
  const create = useDo(createDepartment, CHANGES)
  const rename = useDo(renameDepartment, CHANGES)
  const say = useSay()
  const error = create.error ?? rename.error
  const problems = error ? fieldProblems(failureOf(error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const body = { name: String(new FormData(event.currentTarget).get('name')) }
    const onSuccess = ({ name }: Department) => {
      say({ text: department === null ? `${name} entered` : `Now called ${name}` })
      onClose()
    }
    if (department === null) create.mutate({ body }, { onSuccess })
    else rename.mutate({ params: { departmentId: department.id }, body, ifMatch: department.version }, { onSuccess })
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Name"
        name="name"
        defaultValue={department?.name}
        required
        maxLength={100}
        dir="auto"
        placeholder="Physics"
        problem={problems.name}
      />
      <Problem error={error} />
      <Acts>
        {department !== null && (
          <Button className="mr-auto" onClick={onDelete}>
            Delete …
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" tone="primary" busy={(create.isPending || rename.isPending) && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}

function Delete({
  department,
  others,
  onBack,
  onClose,
}: {
  readonly department: Department
  readonly others: readonly Department[]
  readonly onBack: () => void
  readonly onClose: () => void
}) {
  const remove = useDo(deleteDepartment, CHANGES)
  const say = useSay()
  const [moveTo, setMoveTo] = useState('none')
  const { id, name, version, studentCount } = department
  const target = others.find(each => each.id === moveTo)

  function go() {
    remove.mutate(
      {
        params: { departmentId: id },
        query: studentCount > 0 ? { moveTo: target?.id ?? 'none' } : {},
        ifMatch: version,
      },
      {
        onSuccess: ({ studentsMoved }) => {
          const where = target === undefined ? 'in no department now' : `moved to ${target.name}`
          say({
            text: studentsMoved === 0 ? `${name} deleted` : `${name} deleted, ${countStudents(studentsMoved)} ${where}`,
          })
          onClose()
        },
      },
    )
  }

  return (
    <div className="flex flex-col gap-4">
      <p>
        <bdi className="font-medium">{name}</bdi> is taken off the list, and with it the access level that was proposed
        for it. Passes stay as they are.
      </p>
      {studentCount > 0 && (
        <>
          <Warning>{countStudents(studentCount)} in it. Say where they go.</Warning>
          <Choice label="Students go to" value={moveTo} onChange={event => setMoveTo(event.target.value)}>
            <option value="none">no department</option>
            {others.map(each => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Choice>
        </>
      )}
      <Problem error={remove.error} />
      <Acts>
        <Button onClick={onBack}>Back</Button>
        <Button tone="danger" busy={remove.isPending && 'Deleting …'} onClick={go}>
          {studentCount === 0 ? 'Delete' : `Delete and move ${countStudents(studentCount)}`}
        </Button>
      </Acts>
    </div>
  )
}

const countStudents = (count: number) => countWords(count, 'student', 'students')
