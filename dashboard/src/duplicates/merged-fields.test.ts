import type { StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import { expect, test } from 'vitest'
import { differing, sayField, sideOf } from './merged-fields.ts'

const ADA: StudentInFull = {
  id: '00000000-0000-4000-8000-000000000001',
  studentNumber: '0042',
  firstName: 'Ada',
  lastName: '',
  email: null,
  department: { id: '00000000-0000-4000-8000-000000000002', name: 'Physics' },
  status: 'active',
  enrolledOn: null,
  birthDate: '2008-05-17',
  phone: null,
  privateEmail: null,
  address: { lines: ['Long Street 1', 'Left door'], postalCode: '1234 AB', town: 'Delft', country: 'NL' },
  notes: null,
  masked: [],
  passCount: 0,
  passesEndAt: null,
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
}
const TWIN: StudentInFull = { ...ADA, lastName: 'Lovelace', phone: '+31612345678', status: 'inactive' }

test('only what differs is to be chosen', () => {
  expect(differing(ADA, ADA)).toEqual([])
  expect(differing(ADA, TWIN)).toEqual(['lastName', 'status', 'phone'])
})

test('a field is taken where there is one, unless somebody chose', () => {
  expect(sideOf({}, 'phone', ADA)).toBe('other')
  expect(sideOf({ phone: 'this' }, 'phone', ADA)).toBe('this')
  expect(sideOf({}, 'status', ADA)).toBe('this')
})

test('no last name is a last name: the service keeps it, so the page says so', () => {
  expect(sideOf({}, 'lastName', ADA)).toBe('this')
})

test('an address is one line, a department its name, and nothing is nothing', () => {
  expect(sayField(ADA, 'address')).toBe('Long Street 1, Left door, 1234 AB Delft, NL')
  expect(sayField(ADA, 'departmentId')).toBe('Physics')
  expect(sayField(ADA, 'notes')).toBeNull()
})
