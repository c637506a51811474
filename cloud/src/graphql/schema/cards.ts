import { addCredential as addRoute, replaceLost as replaceRoute } from '@gatehouse/shared/wire/api/passes.ts'
import { replaceLost } from '../../passes/change-pass.ts'
import { addCredential, cardOf, removeCredential } from '../../passes/credentials.repo.ts'
import { findPass } from '../../passes/passes.repo.ts'
import { PASS_PROBLEMS } from '../../passes/passes.routes.ts'
import type { Call } from '../call.ts'
import { checked, given, idOf } from '../checked.ts'
import { refused } from '../refusal.ts'
import { asks } from './builder.ts'
import { change, passIdOf } from './passes.ts'
import type { Writing } from './refs.ts'

const actorAt = (call: Call) => ({ ...call.actor(), tenant: call.who.school.tenant })

function cardIn(typed: Parameters<typeof cardOf>[0]) {
  const card = cardOf(typed)
  return card.ok ? card.value : refused(PASS_PROBLEMS[card.failure])
}

/** Cards of passes: added, taken off, lost. */
export function writeCards({ builder, refs }: Writing): void {
  const CardInput = builder.inputType('CardInput', {
    description: 'A card by its number, typed.',
    fields: t => ({
      technology: t.string({ required: true, description: 'em4100, iso14443a, iso15693, a Wiegand format or raw.' }),
      bits: t.string({ required: true, description: 'In hexadecimal, as a reader shows them, such as 01000734E0.' }),
      bitCount: t.int({ description: 'How many bits count; all of them when left out.' }),
    }),
  })
  builder.mutationFields(t => ({
    addCredential: t.field({
      type: refs.Pass,
      args: { id: t.arg.id({ required: true }), card: t.arg({ type: CardInput, required: true }) },
      ...asks(['pass:update']),
      resolve: (_root, { id, card: typed }, call) => {
        const passId = passIdOf(id)
        const card = cardIn(checked(addRoute.body!, given(typed)))
        return change(call, async tx => {
          const added = await addCredential(tx, call.needs.vault, actorAt(call), { passId, card })
          return added.ok ? { ok: true, value: (await findPass(tx, passId))! } : added
        })
      },
    }),
    removeCredential: t.field({
      type: refs.Pass,
      args: { id: t.arg.id({ required: true }), credentialId: t.arg.id({ required: true }) },
      ...asks(['pass:update']),
      resolve: (_root, { id, credentialId: text }, call) => {
        const passId = passIdOf(id)
        const credentialId = idOf(text) ?? refused(PASS_PROBLEMS.no_such_credential)
        return change(call, async tx => {
          const gone = await removeCredential(tx, call.actor(), { passId, credentialId })
          return gone.ok ? { ok: true, value: (await findPass(tx, passId))! } : gone
        })
      },
    }),
    replaceLost: t.field({
      type: refs.Pass,
      description: 'A card or what was printed is lost: it opens nothing any more, and the pass stays.',
      args: {
        id: t.arg.id({ required: true }),
        note: t.arg.string({ required: true }),
        credentialId: t.arg.id({ description: 'The card that is lost.' }),
        card: t.arg({ type: CardInput, description: 'What takes its place.' }),
        printed: t.arg.boolean({ description: 'What was printed is lost.' }),
      },
      ...asks(['pass:update']),
      resolve: (_root, { id, note, credentialId, card: typed, printed }, call) => {
        const passId = passIdOf(id)
        const { card, ...lost } = checked(replaceRoute.body!, {
          note,
          ...given({ credentialId }),
          ...(typed != null && { card: given(typed) }),
          ...(printed === true && { printed }),
        })
        const instead = card === undefined ? undefined : cardIn(card)
        return change(call, tx =>
          replaceLost(tx, call.needs.vault, actorAt(call), {
            ...lost,
            passId,
            card: instead,
            printed: printed === true,
          }),
        )
      },
    }),
  }))
}
