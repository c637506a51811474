import type { Problem } from '../http/problem.ts'
import { nameOf } from '../students/name.ts'
import type { PassRow } from './passes.repo.ts'

/** A card that is on a pass already: whose, for who may see passes. */
export function cardTaken(pass: PassRow | undefined): Problem {
  const whose = pass === undefined ? 'a pass' : `pass ${pass.serial} of ${nameOf(pass)}`
  return {
    status: 409,
    code: 'card_taken',
    message: `This card is on ${whose} already. Take it off there first.`,
    details: [{ path: 'bits', message: `is on ${whose} already` }],
  }
}
