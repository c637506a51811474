import { ROLES } from '@gatehouse/shared/wire/rights.ts'
import { expect, test } from 'vitest'
import {
  type GateIdentity,
  mayPublish,
  mayReceive,
  mayRetain,
  objectionToFilter,
  type PersonIdentity,
} from './access.ts'

const gate: GateIdentity = { kind: 'gate', gateId: 'gate-north', tenant: 'hillside', scope: 'main' }
const guard: PersonIdentity = { kind: 'person', userId: 'u-1', tenant: 'hillside', role: 'security', endsWith: 's-1' }
const student: PersonIdentity = { ...guard, role: 'student' }

const own = 'gatehouse/hillside/gate-north'

for (const topic of [`${own}/events`, `${own}/state`, `${own}/cards`]) {
  test(`a gate speaks on ${topic}`, () => expect(mayPublish(gate, topic)).toBe(true))
}
for (const topic of [
  'gatehouse/hillside/gate-south/events',
  'gatehouse/elsewhere/gate-north/events',
  `${own}/acks`,
  `${own}/commands`,
  `${own}/config`,
  'gatehouse/hillside/gate-south/cards',
  `${own}/events/more`,
  'gatehouse/hillside/lists/main',
  'feed/hillside/access',
  '$SYS/x',
]) {
  test(`a gate does not speak on ${topic}`, () => expect(mayPublish(gate, topic)).toBe(false))
}
for (const role of ROLES) {
  test(`a ${role} never speaks`, () => {
    for (const topic of ['feed/hillside/access', 'feed/hillside/user/u-1', `${own}/events`]) {
      expect(mayPublish({ ...guard, role }, topic)).toBe(false)
    }
  })
}

test('a gate’s state is retained, its events and cards are not', () => {
  expect(mayRetain(gate, `${own}/state`)).toBe(true)
  expect(mayRetain(gate, `${own}/events`)).toBe(false)
  expect(mayRetain(gate, `${own}/cards`)).toBe(false)
})

for (const filter of [`${own}/acks`, `${own}/commands`, `${own}/config`, 'gatehouse/hillside/lists/main']) {
  test(`a gate hears ${filter}`, () => {
    expect(objectionToFilter(gate, filter)).toBeNull()
    expect(mayReceive(gate, filter)).toBe(true)
  })
}
for (const filter of [
  '#',
  '+/+/+/acks',
  'gatehouse/hillside/+/acks',
  'gatehouse/hillside/gate-south/acks',
  'gatehouse/hillside/gate-south/config',
  'gatehouse/hillside/lists/+',
  'gatehouse/hillside/lists/other',
  `${own}/#`,
  'feed/hillside/#',
  '$share/g/gatehouse/hillside/lists/main',
]) {
  test(`a gate does not hear ${filter}`, () => expect(objectionToFilter(gate, filter)).not.toBeNull())
}

for (const filter of ['feed/hillside/#', 'feed/hillside/access', 'feed/hillside/gates', 'feed/hillside/user/u-1']) {
  test(`a guard watches ${filter}`, () => expect(objectionToFilter(guard, filter)).toBeNull())
}
for (const filter of [
  '#',
  'feed/#',
  'feed/+/access',
  'feed/elsewhere/access',
  'feed/hillside/user/#',
  'feed/hillside/user/+',
  'feed/hillside/user/u-2',
  'feed/hillside/+/u-2',
  'gatehouse/hillside/#',
  '$SYS/#',
  '$share/g/feed/hillside/access',
]) {
  test(`a guard does not watch ${filter}, and is told what is right`, () =>
    expect(objectionToFilter(guard, filter)).toEqual({ right: 'feed/hillside/#' }))
}

test('a student watches her own topic and nothing else', () => {
  expect(objectionToFilter(student, 'feed/hillside/user/u-1')).toBeNull()
  expect(objectionToFilter(student, 'feed/hillside/access')).toEqual({ right: 'feed/hillside/user/u-1' })
  expect(mayReceive(student, 'feed/hillside/access')).toBe(false)
})

test('a filter that covers other people’s topics does not bring them', () => {
  expect(mayReceive(guard, 'feed/hillside/user/u-1')).toBe(true)
  expect(mayReceive(guard, 'feed/hillside/user/u-2')).toBe(false)
  expect(mayReceive(guard, 'feed/elsewhere/access')).toBe(false)
  expect(mayReceive(guard, 'feed/hillside/access')).toBe(true)
})

test('facilities staff watch the gates, and not who passes', () => {
  const facilities: PersonIdentity = { ...guard, role: 'facilities' }
  expect(objectionToFilter(facilities, 'feed/hillside/gates')).toBeNull()
  expect(objectionToFilter(facilities, 'feed/hillside/access')).not.toBeNull()
  expect(mayReceive(facilities, 'feed/hillside/gates')).toBe(true)
  expect(mayReceive(facilities, 'feed/hillside/access'), 'also where a wider filter was granted').toBe(false)
})

test('applications are watched by who may read them, by name and under a wider filter', () => {
  const feed = 'feed/hillside/applications'
  for (const role of ROLES) {
    const person: PersonIdentity = { ...guard, role }
    const reads = ['super_admin', 'school_admin', 'staff'].includes(role)
    expect([role, objectionToFilter(person, feed) === null, mayReceive(person, feed)]).toEqual([role, reads, reads])
  }
})
