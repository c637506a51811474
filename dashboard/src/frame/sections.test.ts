import { ROLES, type Role } from '@gatehouse/shared/wire/rights.ts'
import { expect, test } from 'vitest'
import { bottomBarOf, homeOf, leadsTo, searchesAnything, sectionsOf } from './sections.ts'

const SEEN: Record<Role, string> = {
  super_admin:
    'Live Check Students Applications Imports Gates Passes Visitors Waiting changes Events People Invitations Jobs Mail Deliveries Account School Departments Access levels Groups Hours and days Terms Application form Gate rules',
  school_admin:
    'Live Check Students Applications Imports Gates Passes Visitors Waiting changes Events People Invitations Jobs Mail Deliveries Account School Departments Access levels Groups Hours and days Terms Application form Gate rules',
  staff:
    'Live Check Students Applications Gates Passes Visitors Waiting changes Events Account Departments Access levels Groups Hours and days Terms Application form Gate rules',
  security: 'Live Check Students Gates Passes Visitors Events Account',
  facilities: 'Gates Account',
  student: 'My pass Apply Account',
}

for (const role of ROLES) {
  test(`${role} sees the sections of its rights and no others`, () =>
    expect(
      sectionsOf(role)
        .map(({ name }) => name)
        .join(' '),
    ).toBe(SEEN[role]))

  test(`the bottom bar of ${role} holds four at most and loses nothing`, () => {
    const { shown, rest } = bottomBarOf(role)
    expect(shown.length + (rest.length > 0 ? 1 : 0)).toBeLessThanOrEqual(4)
    expect([...shown, ...rest]).toEqual(sectionsOf(role))
  })
}

test('a guard begins at the live page, and a student at their pass', () => {
  expect(homeOf('security')).toBe('/live')
  expect(homeOf('student')).toBe('/my')
})

test('a student has nothing to search, everybody else has', () => {
  expect(ROLES.filter(role => !searchesAnything(role))).toEqual(['student'])
})

test('an address leads to a page for those who have its section, with whatever stands behind it', () => {
  const seen = (address: string) => ROLES.filter(role => leadsTo(role, address)).join(' ')
  expect(seen('/visitors?open=1')).toBe('super_admin school_admin staff security')
  expect(seen('/gates/north')).toBe('super_admin school_admin staff security facilities')
  expect(seen('/apply/1#photo')).toBe('student')
  expect(seen('/inbox')).toBe(ROLES.join(' '))
  expect(seen('/visitorsbook')).toBe(ROLES.join(' '))
})
