import type { Letter, Post } from '../auth/letters.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { sendMailToUser } from '../mail/mail.ts'
import { type FactsOf, notify } from './notify.ts'

const ACCOUNT_PAGE = '/account'

/**
 * How letters about accounts leave: what only tells somebody something is a notification, by every way they wish; what
 * carries a link that opens an account is a mail and nothing else, and so is whatever goes to people of no school.
 */
export function postLetters(jobs: Pick<Jobs, 'add' | 'nowMs'>): Post {
  return async (tx, letter) => {
    if (letter.schoolId !== null && isToTell(letter)) {
      const { schoolId, userId, template: kind, values } = letter
      // The type does not see that kind and values are of one letter.
      const facts = values as FactsOf<ToTell['template']>
      return notify(tx, schoolId, { kind, to: { userId }, facts, path: ACCOUNT_PAGE })
    }
    await sendMailToUser(tx, jobs, letter)
  }
}

type ToTell = Extract<Letter, { readonly template: 'new_sign_in' | 'password_changed' | 'factor_changed' }>

const isToTell = (letter: Letter): letter is ToTell =>
  letter.template === 'new_sign_in' || letter.template === 'password_changed' || letter.template === 'factor_changed'
