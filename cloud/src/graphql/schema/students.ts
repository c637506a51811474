import {
  createStudent as createRoute,
  listStudents as listRoute,
  PERSONAL_FIELDS,
  STUDENT_STATUSES,
  type Student,
  updateStudent as updateRoute,
} from '@gatehouse/shared/wire/api/students.ts'
import { look } from '../../audit/audit.ts'
import { readsPersonal } from '../../http/bind.ts'
import { asked, pagination } from '../../http/page.ts'
import { searchedIndexes } from '../../students/searched-indexes.ts'
import { inFull, shown } from '../../students/student-shown.ts'
import { archiveStudent, createStudent, type StudentChange, updateStudent } from '../../students/students.repo.ts'
import { NOT_YOURS, STUDENT_PROBLEMS } from '../../students/students.routes.ts'
import { findStudent, listStudents } from '../../students/students-found.repo.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import { limitOf, pageOf } from './paging.ts'
import type { Writing } from './refs.ts'

/** Fields that the REST contract calls otherwise. */
const NAMES = { studentNumber: 'studentId' }

/** Students: what is read of them, and what is done with them. */
export function writeStudents({ builder, refs, inputs }: Writing): void {
  const StudentStatus = builder.enumType('StudentStatus', { values: STUDENT_STATUSES })
  const StudentSort = builder.enumType('StudentSort', {
    values: {
      name: { value: 'name' },
      name_desc: { value: '-name' },
      studentId: { value: 'studentNumber' },
      studentId_desc: { value: '-studentNumber' },
      createdAt: { value: 'createdAt' },
      createdAt_desc: { value: '-createdAt' },
      enrolledOn: { value: 'enrolledOn' },
      enrolledOn_desc: { value: '-enrolledOn' },
    } as const,
  })
  const Address = builder.objectRef<NonNullable<Student['address']>>('Address').implement({
    description: 'Who does not read personal data sees the town.',
    fields: t => ({
      lines: t.exposeStringList('lines', { description: 'Street and number, as they stand on an envelope.' }),
      postalCode: t.exposeString('postalCode', { nullable: true }),
      town: t.exposeString('town'),
      country: t.exposeString('country', { nullable: true }),
    }),
  })

  refs.Student.implement({
    description: 'A student of the school. What the caller does not read in full is masked as over REST.',
    fields: t => ({
      id: t.exposeID('id'),
      studentId: t.exposeString('studentNumber', { description: 'The student number as the school writes it.' }),
      firstName: t.exposeString('firstName'),
      lastName: t.exposeString('lastName', { description: 'May be empty.' }),
      email: t.exposeString('email', { nullable: true }),
      phone: t.exposeString('phone', { nullable: true, description: '+31612345678; masked it is …78.' }),
      school: t.field({ type: refs.School, resolve: (_student, _args, { who }) => who.school }),
      department: t.expose('department', { type: refs.Department, nullable: true }),
      status: t.expose('status', { type: StudentStatus }),
      passes: t.field({
        type: [refs.Pass],
        description: 'The newest first.',
        args: { limit: t.arg.int({ defaultValue: 10 }) },
        ...asks(['pass:read'], { own: 'my:read', atMost: 'limit' }),
        resolve: ({ id: studentId }, { limit }, { load }) => load.passesOf.load({ studentId, limit: limitOf(limit) }),
      }),
      applications: t.field({
        type: [refs.Application],
        description: 'The newest first; drafts are their applicant’s own.',
        args: { limit: t.arg.int({ defaultValue: 10 }) },
        ...asks(['application:read'], { own: 'my:apply', atMost: 'limit' }),
        resolve: ({ id: studentId }, { limit }, { load }) =>
          load.applicationsOf.load({ studentId, limit: limitOf(limit) }),
      }),
      enrolledOn: t.expose('enrolledOn', { type: 'Date', nullable: true }),
      birthDate: t.exposeString('birthDate', { nullable: true, description: '2008-05-17; masked it is the year.' }),
      privateEmail: t.exposeString('privateEmail', { nullable: true }),
      address: t.expose('address', { type: Address, nullable: true }),
      masked: t.exposeStringList('masked', { description: 'What this caller sees in part or not at all.' }),
      passCount: t.exposeInt('passCount'),
      passesEndAt: t.expose('passesEndAt', { type: 'DateTime', nullable: true }),
      version: t.exposeInt('version', { description: 'Rises with every change; give it back with yours.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  })

  const StudentsResponse = pageOf({ builder, refs }, 'StudentsResponse', refs.Student)
  const StudentFilters = builder.inputType('StudentFilters', {
    fields: t => ({
      search: t.string({ description: 'Words of a name, number or e-mail.' }),
      status: t.field({ type: StudentStatus }),
      departmentId: t.id({ description: 'none: of no department.' }),
      createdFrom: t.field({ type: 'DateTime' }),
      createdTo: t.field({ type: 'DateTime' }),
      enrolledFrom: t.field({ type: 'Date' }),
      enrolledTo: t.field({ type: 'Date' }),
      hasPass: t.boolean({ description: 'Has a pass that is not revoked and has not run out.' }),
    }),
  })

  builder.queryFields(t => ({
    students: t.field({
      type: StudentsResponse,
      args: {
        filters: t.arg({ type: StudentFilters }),
        pagination: t.arg({ type: inputs.Pagination }),
        sort: t.arg({ type: StudentSort }),
      },
      ...asks(['student:read']),
      resolve: (_root, { filters, pagination: page, sort }, call) => {
        const { hasPass, ...others } = given(filters)
        const query = checked(listRoute.query!, {
          ...others,
          ...given(page),
          ...(hasPass !== undefined && { hasPass: String(hasPass) }),
          ...given({ sort }),
        })
        return call.read(async tx => {
          const { who, needs } = call
          const indexes = await searchedIndexes(tx, needs.vault, who, query.search)
          const wanted = { ...query, indexes, nowMs: needs.nowMs() }
          const { rows, total, isCapped } = await listStudents(tx, who.school.id, wanted)
          await look(tx, call.actor(), {
            action: 'student.list',
            studentIds: rows.map(row => row.id),
            after: { ...asked(query), shown: rows.length },
          })
          const data = await shown(tx, needs.vault, who, rows)
          return { data, pagination: { ...pagination(query, total), ...(isCapped && { more: true }) } }
        })
      },
    }),
    student: t.field({
      type: refs.Student,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      ...asks(['student:read']),
      resolve: (_root, { id }, call) => readStudent(call, id),
    }),
  }))
  writeChanges({ builder, refs }, { StudentStatus })
}

async function readStudent(call: Call, id: string): Promise<Student | null> {
  const studentId = idOf(id)
  return call.read(async tx => {
    const row = studentId === null ? undefined : await findStudent(tx, studentId)
    const about = { action: 'student.read', subject: { kind: 'student', id: studentId ?? 'none' } } as const
    await look(tx, call.actor(), { ...about, ...(row !== undefined && { studentId: row.id }) })
    return row === undefined ? null : (await shown(tx, call.needs.vault, call.who, [row]))[0]!
  })
}

type Enums = { readonly StudentStatus: ReturnType<Writing['builder']['enumType']> }

function writeChanges({ builder, refs }: Pick<Writing, 'builder' | 'refs'>, { StudentStatus }: Enums): void {
  const AddressInput = builder.inputType('AddressInput', {
    fields: t => ({
      lines: t.stringList({ required: true }),
      postalCode: t.string(),
      town: t.string({ required: true }),
      country: t.string({ description: 'Two letters, such as NL.' }),
    }),
  })
  const CreateStudentInput = builder.inputType('CreateStudentInput', {
    fields: t => ({
      studentId: t.string({ required: true, description: 'The student number.' }),
      firstName: t.string({ required: true }),
      lastName: t.string({ required: true, description: 'May be empty.' }),
      email: t.string(),
      departmentId: t.id(),
      status: t.field({ type: StudentStatus }),
      enrolledOn: t.field({ type: 'Date' }),
      birthDate: t.field({ type: 'Date' }),
      phone: t.string({ description: 'As people write it; without + it is one of the school’s country.' }),
      privateEmail: t.string(),
      address: t.field({ type: AddressInput }),
      notes: t.string(),
    }),
  })
  const UpdateStudentInput = builder.inputType('UpdateStudentInput', {
    description: 'What is left out stays; null takes away what may be empty.',
    fields: t => ({
      version: t.int({ description: 'As it was read: when it is another by now, nothing is changed.' }),
      studentId: t.string(),
      firstName: t.string(),
      lastName: t.string(),
      email: t.string(),
      departmentId: t.id(),
      status: t.field({ type: StudentStatus }),
      enrolledOn: t.field({ type: 'Date' }),
      birthDate: t.field({ type: 'Date' }),
      phone: t.string(),
      privateEmail: t.string(),
      address: t.field({ type: AddressInput }),
      notes: t.string(),
      passesEndOn: t.field({
        type: 'Date',
        description: 'With a status of who left: from when the passes no longer open.',
      }),
    }),
  })

  builder.mutationFields(t => ({
    createStudent: t.field({
      type: refs.Student,
      args: { input: t.arg({ type: CreateStudentInput, required: true }) },
      ...asks(['student:create']),
      resolve: (_root, { input }, call) => {
        const { studentId, status, ...others } = input
        const body = { studentNumber: studentId, ...others, ...given({ status }) }
        const fields = checked(createRoute.body!, body, NAMES)
        return call.change(async tx => {
          const made = await createStudent(tx, call.needs.vault, call.actor(), fields)
          if (!made.ok) return refused(named(STUDENT_PROBLEMS[made.failure]))
          return inFull(tx, call.needs.vault, call.who, made.value)
        })
      },
    }),
    updateStudent: t.field({
      type: refs.Student,
      args: { id: t.arg.id({ required: true }), input: t.arg({ type: UpdateStudentInput, required: true }) },
      ...asks(['student:update']),
      resolve: (_root, { id, input }, call) => {
        const { studentId, version, passesEndOn, ...others } = input
        const body = {
          ...others,
          ...(studentId !== undefined && { studentNumber: studentId }),
          ...given({ passesEndOn }),
        }
        const change = checked(updateRoute.body!, body, NAMES)
        if (!readsPersonal(call.who) && PERSONAL_FIELDS.some(field => change[field] !== undefined)) refused(NOT_YOURS)
        return call.change(async tx => {
          const { vault } = call.needs
          const theirs = idOf(id) ?? refused(STUDENT_PROBLEMS.no_such_student)
          const done = await updateStudent(tx, vault, call.actor(), theirs, change as StudentChange, version ?? null)
          if (!done.ok) return refused(named(STUDENT_PROBLEMS[done.failure]))
          return inFull(tx, vault, call.who, done.value)
        })
      },
    }),
    deleteStudent: t.field({
      type: 'Boolean',
      description: 'Archives a student; every pass is revoked at once.',
      args: { id: t.arg.id({ required: true }), version: t.arg.int() },
      ...asks(['student:archive']),
      resolve: (_root, { id, version }, call) =>
        call.change(async tx => {
          const theirs = idOf(id) ?? refused(STUDENT_PROBLEMS.no_such_student)
          const gone = await archiveStudent(tx, call.actor(), theirs, version ?? null)
          return gone.ok || refused(STUDENT_PROBLEMS[gone.failure])
        }),
    }),
  }))
}

type Told = (typeof STUDENT_PROBLEMS)[keyof typeof STUDENT_PROBLEMS]

/** With the fields called as they are here. */
function named(problem: Told): Told {
  if (!('details' in problem)) return problem
  const details = problem.details.map(({ path, message }) => ({
    path: NAMES[path as keyof typeof NAMES] ?? path,
    message,
  }))
  return { ...problem, details } as Told
}
