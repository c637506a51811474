import { describe, expect, test } from 'vitest'
import { APPLICATION_EVENTS, APPLICATION_STATUSES, type ApplicationActor, next } from './machine.ts'

/**
 * Every state x every event: where it leads, and for whom (a applicant, r reviewer, s system); - is nowhere, for nobody.
 * Columns in the order of APPLICATION_EVENTS.
 */
const TABLE = `
  state               submit       take            ask_documents         hand_in      approve     reject      withdraw     reopen           expire
  draft               submitted:a  -               -                     -            -           -           withdrawn:a  -                -
  submitted           -            under_review:r  requires_documents:rs -            approved:r  rejected:r  withdrawn:a  -                under_review:s
  under_review        -            -               requires_documents:rs -            approved:r  rejected:r  withdrawn:a  -                -
  requires_documents  -            under_review:r  -                     submitted:a  -           rejected:r  withdrawn:a  -                under_review:s
  approved            -            -               -                     -            -           -           -            -                -
  rejected            -            -               -                     -            -           -           -            under_review:r   -
  withdrawn           -            -               -                     -            -           -           -            draft:a          -
`
const [heading, ...rows] = TABLE.trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/))
const ACTORS: Record<string, ApplicationActor> = { a: 'applicant', r: 'reviewer', s: 'system' }

test('the table names every state and every event', () => {
  expect(rows.map(([state]) => state)).toEqual([...APPLICATION_STATUSES])
  expect(heading!.slice(1)).toEqual([...APPLICATION_EVENTS])
})

describe.each(APPLICATION_STATUSES.map((status, at) => [status, rows[at]!] as const))('%s', (status, cells) => {
  test.each(APPLICATION_EVENTS.map((event, at) => [event, cells[at + 1]!] as const))('%s', (event, cell) => {
    const [to, letters = ''] = cell.split(':')
    for (const [letter, actor] of Object.entries(ACTORS)) {
      const expected =
        cell === '-'
          ? { ok: false, failure: 'not_now' }
          : letters.includes(letter)
            ? { ok: true, value: to }
            : { ok: false, failure: 'not_theirs' }
      expect(next(status, event, actor)).toEqual(expected)
    }
  })
})

test('no check and no clock decides: the system approves and rejects nothing', () => {
  for (const status of APPLICATION_STATUSES) {
    for (const event of ['approve', 'reject'] as const) expect(next(status, event, 'system').ok).toBe(false)
  }
})
