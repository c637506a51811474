import { expect, test } from 'vitest'
import { GRANTABLE, GRANTS, may, OPERATIONS, RIGHTS, ROLES } from './rights.ts'

/**
 * The matrix, cell by cell, columns in the order of ROLES: super_admin, school_admin, staff, security, facilities, student. `g`: by grant only.
 * `cloud/src/http/rights.test.ts` walks every cell that has a route over HTTP.
 */
const MATRIX = `
  student:create   x x - - - -
  student:read     x x x x - -
  student:update   x x x - - -
  student:archive  x x - - - -
  pass:create      x x x - - -
  pass:read        x x x x - -
  pass:update      x x x - - -
  pass:revoke      x x - - - -
  pass:suspend     x x - x - -
  visitor:create   x x x - - -
  visitor:read     x x x x - -
  visitor:update   x x x - - -
  visitor:end      x x x x - -
  gate:create      x - - - x -
  gate:read        x x x x x -
  gate:update      x - - - x -
  reader:arm       x x x - - -
  event:read       x x x x - -
  feed:read        x x x x x -
  key:own          x x x x x -
  demo:present     x x - x x -
  list:read        x x x - - -
  list:approve     x x - - - -
  settings:read    x x x - - -
  settings:update  x x - - - -
  school:create    x - - - - -
  school:read      x - - - - -
  school:update    x - - - - -
  user:create      x x - - - -
  user:read        x x - - - -
  user:update      x x - - - -
  audit:read       x x - - - -
  pii:read         x x g - - -
  person:export    x x - - - -
  person:erase     x x - - - -
  import:run       x x - - - -
  scim:use         x x - - - -
  job:read         x x - - - -
  job:manage       x x - - - -
  outbox:read      x x - - - -
  delivery:read    x x - - - -
  webhook:manage   x x - - - -
  search:read      x x x x x -
  file:create      x x x - - x
  file:read        x x x - - x
  file:delete      x x - - - x
  my:read          - - - - - x
  my:bind          - - - - - x
  application:read x x x - - -
  application:comment x x x - - -
  application:decide x x g - - -
  my:apply         - - - - - x
`

const rows = MATRIX.trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/))

test('the matrix names every operation once, in the order of the table', () => {
  expect(rows.map(([operation]) => operation)).toEqual([...OPERATIONS])
})

for (const [at, role] of ROLES.entries()) {
  test(`${role} may what the matrix says, with every grant and without`, () => {
    for (const [name, ...cells] of rows) {
      const operation = OPERATIONS.find(known => known === name)!
      expect([name, may(role, operation), may(role, operation, GRANTS)]).toEqual([
        name,
        cells[at] === 'x',
        cells[at] !== '-',
      ])
    }
  })
}

test('a role that nobody wrote a row for may nothing, and a grant goes to nobody else', () => {
  expect(Object.keys(RIGHTS)).toEqual([...ROLES])
  expect(GRANTABLE).toEqual({ 'pii:read': ['staff'], 'application:decide': ['staff'] })
})
