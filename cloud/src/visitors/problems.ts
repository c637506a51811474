import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import { PASS_PROBLEMS } from '../passes/passes.routes.ts'

/** Why something is not done with a visitor, and what to do about it. */
export const PROBLEMS = {
  ...PASS_PROBLEMS,
  no_such_visitor: { status: 404, code: 'not_found', message: 'There is no visitor with that id.' },
  no_such_host: {
    status: 422,
    code: 'no_such_host',
    message: 'A host is somebody who works here and whose account is active. Choose another.',
    details: [{ path: 'hostUserId', message: 'must be somebody of the school with an active account' }],
  },
  phone_unreadable: {
    status: 422,
    code: 'validation_failed',
    message: 'That is no phone number. Write it as in +31 6 12345678, or as people in the school’s country do.',
    details: [{ path: 'phone', message: 'must be a phone number; from another country with + and its code' }],
  },
  no_default_level: {
    status: 422,
    code: 'no_default_level',
    message:
      'Visitors have no access level by default yet. Choose one, or make one of the kind visitor the default under Access levels.',
    details: [{ path: 'levelId', message: 'is needed: there is no default for visitors' }],
  },
  visit_open: {
    status: 409,
    code: 'visit_open',
    message: 'This visitor has a pass for a visit that is not over. End that visit first, or renew its pass.',
  },
  no_open_visit: { status: 409, code: 'no_open_visit', message: 'This visit is over already.' },
  ends_before_it_begins: {
    status: 422,
    code: 'validation_failed',
    message: 'The visit would end before it begins. Give another end.',
    details: [{ path: 'until', message: 'must be after the beginning' }],
  },
  ends_in_the_past: {
    status: 422,
    code: 'validation_failed',
    message: 'The visit would be over already. Give a later end.',
    details: [{ path: 'until', message: 'must be to come' }],
  },
  too_long: {
    ...PASS_PROBLEMS.too_long,
    details: [{ path: 'until', message: 'is later than passes of visitors may end' }],
  },
  changed_meanwhile: CHANGED_MEANWHILE,
} satisfies Record<string, Problem>

export const NOT_YOURS: Problem = {
  status: 403,
  code: 'not_allowed',
  message: 'You do not see how visitors are reached, so you cannot change it. Ask an administrator of your school.',
}
