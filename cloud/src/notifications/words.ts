import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { NotificationKind } from '@gatehouse/shared/wire/api/notifications.ts'
import { whenIn } from '../mail/mail.ts'
import type { Letter, Place } from '../mail/templates/template.ts'
import { TEMPLATES } from '../mail/templates.ts'
import { oneLine } from '../mail/write.ts'

export type Told = { readonly kind: NotificationKind; readonly facts: Readonly<Record<string, string>> }
export type Hearer = { readonly language: Language; readonly school: string; readonly timeZone: string }

/** What is told where there is room for a line or two: the letter's subject and its first paragraph. */
export function wordsOf(
  { kind, facts }: Told,
  { language, school, timeZone }: Hearer,
): { title: string; text: string } {
  const template = TEMPLATES[kind][language] as (values: unknown, place: Place) => Letter
  const letter = template({ ...facts, link: '' }, { school, when: whenIn(language, timeZone) })
  const [text = ''] = letter.blocks.filter(block => typeof block === 'string')
  return { title: oneLine(letter.subject), text: oneLine(text) }
}
