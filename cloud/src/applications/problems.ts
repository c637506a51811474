import type { Mistake } from '@gatehouse/shared/applications/form.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'

const details = (path: string, message: string) => [{ path, message }]

/** Why something is not done with an application, and what to do about it. */
export const PROBLEMS = {
  no_such_application: { status: 404, code: 'not_found', message: 'There is no application with that id.' },
  no_student: {
    status: 404,
    code: 'not_found',
    message: 'No student of the school belongs to this account. Ask the school’s administration.',
  },
  changed_meanwhile: CHANGED_MEANWHILE,
  one_is_open: {
    status: 409,
    code: 'one_is_open',
    message: 'Another application of this student is open. Go on with that one, or withdraw it first.',
  },
  too_many: {
    status: 409,
    code: 'too_many',
    message: 'So many applications were begun that no more can be. Ask the school.',
  },
  not_open: {
    status: 409,
    code: 'not_open',
    message: 'This application was submitted and can no longer be changed. Withdraw it to begin again.',
  },
  not_now: {
    status: 409,
    code: 'not_now',
    message: 'That cannot be done with an application in this state. Read it again to see what happened.',
  },
  not_theirs: { status: 409, code: 'not_now', message: 'Somebody else does that with an application in this state.' },
  own_application: {
    status: 403,
    code: 'own_application',
    message: 'This is your own application. Somebody else of the school sees to it.',
  },
  checks_waiting: {
    status: 409,
    code: 'checks_waiting',
    message: 'Some checks have not answered yet. Take the application into review to decide without them, or wait.',
  },
  no_such_reviewer: {
    status: 422,
    code: 'validation_failed',
    message: 'There is nobody with that id who may decide this application.',
    details: details('userId', 'must be somebody of the school who decides applications, and not the applicant'),
  },
  no_such_student: { status: 404, code: 'not_found', message: 'The student is no longer in the school’s records.' },
  student_not_active: {
    status: 409,
    code: 'student_not_active',
    message: 'Only an active student gets a pass. Change the student’s status first, or reject.',
  },
  no_default_level: {
    status: 409,
    code: 'no_default_level',
    message: 'No access level is the default for this student, so no pass can be issued. Set one under Access levels.',
  },
  no_term: {
    status: 409,
    code: 'no_term',
    message: 'Passes end with a term, and none of today or later is entered. Enter it under Terms.',
  },
  ends_before_it_begins: {
    status: 409,
    code: 'ends_before_it_begins',
    message: 'The pass would end before it begins. Change how long passes are valid under Terms.',
  },
  no_such_group: {
    status: 409,
    code: 'no_such_group',
    message: 'The default access level names a group that is gone.',
  },
  no_such_profile: {
    status: 409,
    code: 'no_such_profile',
    message: 'The default access level names hours that are gone.',
  },
  no_such_level: { status: 409, code: 'no_such_level', message: 'The default access level is gone. Set another.' },
  level_archived: {
    status: 409,
    code: 'level_archived',
    message: 'The default access level is archived. Set another.',
  },
  level_of_other_kind: {
    status: 409,
    code: 'level_of_other_kind',
    message: 'The default access level is for another kind of pass. Set another.',
  },
} satisfies Record<string, Problem>

/** Every mistake by name, the first fifty. */
export function mistaken(mistakes: readonly Mistake[]): Problem {
  return {
    status: 422,
    code: 'validation_failed',
    message: `Something is not right: ${mistakes.map(({ message }) => message).join('; ')}.`.slice(0, 500),
    details: mistakes.slice(0, 50),
  }
}
