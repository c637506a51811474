import type { Result } from '@gatehouse/shared/result.ts'
import {
  beginVisit as beginRoute,
  CONTACT_FIELDS,
  createVisitor as createRoute,
  endVisit as endRoute,
  updateVisitor as updateRoute,
  type Visitor,
} from '@gatehouse/shared/wire/api/visitors.ts'
import type { Tx } from '../../db/tables.ts'
import { readsPersonal } from '../../http/bind.ts'
import { NOT_YOURS, PROBLEMS } from '../../visitors/problems.ts'
import { visitorsShown } from '../../visitors/visitor-shown.ts'
import { updateVisitor } from '../../visitors/visitors.repo.ts'
import { findVisitor } from '../../visitors/visitors-list.repo.ts'
import { beginVisit, endVisit, receiveVisitor, timesOf, VISIT_OVER } from '../../visitors/visits.repo.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import type { Writing } from './refs.ts'
import { showing } from './visitors.ts'

/** Does something with a visitor and shows what became of them. The work answers the id. */
function change(call: Call, work: (tx: Tx) => Promise<Result<string, keyof typeof PROBLEMS>>): Promise<Visitor> {
  return call.change(async tx => {
    const done = await work(tx)
    if (!done.ok) return refused(PROBLEMS[done.failure])
    return (await visitorsShown(tx, showing(call), [(await findVisitor(tx, done.value))!]))[0]!
  })
}

const idOfVisitor = (id: string) => idOf(id) ?? refused(PROBLEMS.no_such_visitor)

/** Visitors are entered, let in, and gone again. */
export function writeVisitorChanges({ builder, refs }: Writing): void {
  const { ReceiveVisitorInput, UpdateVisitorInput, BeginVisitInput } = inputsOf(builder)
  builder.mutationFields(t => ({
    receiveVisitor: t.field({
      type: refs.Visitor,
      description: 'Enter a visitor and issue the pass for the visit, both or neither.',
      args: { input: t.arg({ type: ReceiveVisitorInput, required: true }) },
      ...asks(['visitor:create']),
      resolve: (_root, { input }, call) => {
        const { from, until, levelId, escort, ...fields } = checked(createRoute.body!, given(input))
        const person = { ...fields, hostUserId: fields.hostUserId ?? call.who.userId }
        const visit = { ...timesOf({ from, until }), levelId, escort }
        return change(call, tx => receiveVisitor(tx, call.needs.vault, call.actor(), { person, visit }))
      },
    }),
    updateVisitor: t.field({
      type: refs.Visitor,
      args: { id: t.arg.id({ required: true }), input: t.arg({ type: UpdateVisitorInput, required: true }) },
      ...asks(['visitor:update']),
      resolve: (_root, { id: text, input: { version, ...fields } }, call) => {
        const id = idOfVisitor(text)
        const wanted = checked(updateRoute.body!, fields)
        if (!readsPersonal(call.who) && CONTACT_FIELDS.some(field => wanted[field] !== undefined)) refused(NOT_YOURS)
        return change(call, async tx => {
          const done = await updateVisitor(tx, call.needs.vault, call.actor(), id, wanted, version ?? null)
          return done.ok ? { ...done, value: id } : done
        })
      },
    }),
    beginVisit: t.field({
      type: refs.Visitor,
      description: 'A visitor comes again: a pass for another visit. The visit before has to be over.',
      args: { id: t.arg.id({ required: true }), input: t.arg({ type: BeginVisitInput, required: true }) },
      ...asks(['visitor:create']),
      resolve: (_root, { id: text, input: { purpose, ...others } }, call) => {
        const id = idOfVisitor(text)
        const body = { ...given(others), ...(purpose !== undefined && { purpose }) }
        const { from, until, ...visit } = checked(beginRoute.body!, body)
        return change(call, async tx => {
          const asked = { ...visit, visitorId: id, ...timesOf({ from, until }) }
          const done = await beginVisit(tx, call.actor(), asked)
          return done.ok ? { ...done, value: id } : done
        })
      },
    }),
    endVisit: t.field({
      type: refs.Visitor,
      description: 'The visit is over: its pass opens nothing any more, from the next list on.',
      args: { id: t.arg.id({ required: true }), note: t.arg.string() },
      ...asks(['visitor:end']),
      resolve: (_root, { id: text, note: words }, call) => {
        const id = idOfVisitor(text)
        const { note = VISIT_OVER } = checked(endRoute.body!, given({ note: words }))
        return change(call, async tx => {
          const done = await endVisit(tx, call.actor(), { visitorId: id, note })
          return done.ok ? { ...done, value: id } : done
        })
      },
    }),
  }))
}

function inputsOf(builder: Writing['builder']) {
  const ReceiveVisitorInput = builder.inputType('ReceiveVisitorInput', {
    fields: t => ({
      firstName: t.string({ required: true }),
      lastName: t.string({ description: 'May be empty.' }),
      organisation: t.string(),
      phone: t.string({ description: 'As people write it; without + it is one of the school’s country.' }),
      email: t.string(),
      hostUserId: t.id({ description: 'The caller when left out.' }),
      purpose: t.string(),
      from: t.field({ type: 'DateTime', description: 'Now when left out.' }),
      until: t.field({ type: 'DateTime', description: 'The end of the first day when left out.' }),
      levelId: t.id({ description: 'What the pass opens; the default for visitors when left out.' }),
      escort: t.boolean(),
    }),
  })
  const UpdateVisitorInput = builder.inputType('UpdateVisitorInput', {
    description: 'What is left out stays; null takes away what may be empty. Phone and email change who may read them.',
    fields: t => ({
      version: t.int({ description: 'As it was read: when it is another by now, nothing is changed.' }),
      firstName: t.string(),
      lastName: t.string(),
      organisation: t.string(),
      phone: t.string(),
      email: t.string(),
      hostUserId: t.id(),
      purpose: t.string(),
    }),
  })
  const BeginVisitInput = builder.inputType('BeginVisitInput', {
    description: 'Host and purpose stay as they are when left out.',
    fields: t => ({
      from: t.field({ type: 'DateTime' }),
      until: t.field({ type: 'DateTime' }),
      levelId: t.id(),
      escort: t.boolean(),
      hostUserId: t.id(),
      purpose: t.string(),
    }),
  })
  return { ReceiveVisitorInput, UpdateVisitorInput, BeginVisitInput }
}
