import { exportStudents } from '@gatehouse/shared/wire/api/exports.ts'
import { listStudents, STUDENT_STATUSES, type Student } from '@gatehouse/shared/wire/api/students.ts'
import { type ReactNode, useState } from 'react'
import { useMay } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { type Chosen, InviteDialog } from '../invitations/invite-dialog.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { ButtonLink } from '../ui/button-link.tsx'
import { ExportButtons } from '../ui/export-buttons.tsx'
import { ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, type Zone } from '../ui/when.ts'
import { DepartmentFilter } from './department-filter.tsx'
import { StudentForm } from './student-form.tsx'
import { StudentSummary } from './student-summary.tsx'
import { fullName, STATUS_TONES, STATUS_WORDS } from './student-words.ts'
import { TickedBar, useTicked } from './ticked.tsx'

const SORTS = ['name', '-name', 'studentNumber', '-studentNumber', 'createdAt', '-createdAt'] as const

export function StudentsPage() {
  const address = useAddress()
  const zone = useZone()
  const mayCreate = useMay('student:create')
  const mayInvite = useMay('user:create')
  const mayFindDuplicates = useMay('student:update')
  const [adding, setAdding] = useState(false)
  const [inviting, setInviting] = useState(false)
  const ticked = useTicked()
  const status = STUDENT_STATUSES.find(known => known === address.get('status'))
  const sort = SORTS.find(known => known === address.get('sort')) ?? 'name'
  const search = address.get('search')
  const departmentId = address.get('department')
  const filter = { search, status, departmentId }
  const students = useAsk(listStudents, { query: { page: pageOf(address), ...filter, sort } }, { keep: true })
  const rows = students.data?.data ?? []
  const opened = address.get('open')
  const narrowed = Object.values(filter).some(word => word !== undefined)

  return (
    <Page
      title="Students"
      acts={
        <>
          <ExportButtons route={exportStudents} input={{ query: filter }} disabled={rows.length === 0} />
          {mayFindDuplicates && (
            <ButtonLink icon="copy" to="/students/duplicates">
              Duplicates
            </ButtonLink>
          )}
          {mayInvite && (
            <Button icon="key" disabled={rows.length === 0} onClick={() => setInviting(true)}>
              Invite to accounts
            </Button>
          )}
          {mayCreate && (
            <Button tone="primary" icon="plus" onClick={() => setAdding(true)}>
              Enter a student
            </Button>
          )}
        </>
      }
    >
      <ListFrame
        side={
          opened && (
            <SidePanel title={nameIn(rows, opened)}>
              <StudentSummary studentId={opened} />
            </SidePanel>
          )
        }
      >
        <ListTools>
          <SearchField address={address} label="Name, number or e-mail" />
          <Chips name="Status">
            <Chip on={status === undefined} onPress={() => address.set({ status: null })}>
              All
            </Chip>
            {STUDENT_STATUSES.map(each => (
              <Chip key={each} on={status === each} onPress={() => address.set({ status: each })}>
                {STATUS_WORDS[each]}
              </Chip>
            ))}
          </Chips>
          <DepartmentFilter address={address} />
        </ListTools>
        {students.isPending && <Waiting rows={12} />}
        {students.isError && <Failed error={students.error} retry={() => void students.refetch()} />}
        {students.data && rows.length === 0 && (
          <NoStudents
            narrowed={narrowed}
            clear={() => address.set({ search: null, status: null, department: null })}
            enter={mayCreate && <Button onClick={() => setAdding(true)}>Enter a student</Button>}
          />
        )}
        {rows.length > 0 && (
          <Table
            name="Students"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened}
            sort={sort}
            onSort={next => address.set({ sort: next })}
            ticks={mayInvite ? { ticked: ticked.ids, onTick: ticked.put, nameOf: fullName } : undefined}
          />
        )}
        {ticked.ids.size > 0 && <TickedBar ticked={ticked} onInvite={() => setInviting(true)} />}
        <Pager pagination={students.data?.pagination ?? null} address={address} />
      </ListFrame>
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onInvited={ticked.clear}
          filter={filter}
          total={students.data?.pagination?.more ? null : (students.data?.pagination?.total ?? rows.length)}
          chosen={chosenOf(
            [...ticked.ids],
            rows.find(({ id }) => id === opened),
          )}
        />
      )}
      <StudentForm open={adding} onClose={() => setAdding(false)} student={null} />
    </Page>
  )
}

function columns(zone: Zone): readonly Column<Student>[] {
  return [
    { name: 'Name', sort: 'name', cell: student => <bdi>{fullName(student)}</bdi> },
    {
      name: 'Number',
      sort: 'studentNumber',
      cell: student => <span className="font-mono text-13">{student.studentNumber}</span>,
      className: 'w-36 hidden md:table-cell',
    },
    {
      name: 'Department',
      cell: student => <bdi className="text-muted">{student.department?.name}</bdi>,
      className: 'hidden lg:table-cell',
    },
    {
      name: 'Status',
      cell: ({ status }) => <Badge tone={STATUS_TONES[status]}>{STATUS_WORDS[status]}</Badge>,
      className: 'w-28 md:w-32',
    },
    { name: 'Passes', cell: ({ passCount }) => passCount, className: 'w-24 hidden md:table-cell' },
    {
      name: 'Entered',
      sort: 'createdAt',
      cell: ({ createdAt }) => <span className="text-muted">{sayDay(createdAt, zone)}</span>,
      className: 'w-36 hidden lg:table-cell',
    },
  ]
}

function NoStudents({
  narrowed,
  clear,
  enter,
}: {
  readonly narrowed: boolean
  readonly clear: () => void
  readonly enter: ReactNode
}) {
  if (narrowed) {
    return (
      <Empty title="No student fits" act={<Button onClick={clear}>Show all students</Button>}>
        Try a part of the name or the number, or another status.
      </Empty>
    )
  }
  return (
    <Empty title="No students yet" act={enter}>
      Students hold passes, and passes open gates. Enter the first one, then issue a pass.
    </Empty>
  )
}

/** Who was ticked, else who is open beside the list; null: nobody. */
function chosenOf(ticked: readonly string[], opened: Student | undefined): Chosen | null {
  if (ticked.length > 0) return { ids: ticked, words: `${ticked.length.toLocaleString()} ticked` }
  return opened === undefined ? null : { ids: [opened.id], words: fullName(opened) }
}

function nameIn(rows: readonly Student[], id: string): string {
  const found = rows.find(student => student.id === id)
  return found ? fullName(found) : 'Student'
}
