import { DEFAULT_GATE_RULES, type GateRulesContent } from '@gatehouse/shared/wire/api/gate-rules.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { MemoryRouter } from 'react-router'
import { afterEach, expect, test } from 'vitest'
import { client } from '../api/client.ts'
import { session } from '../api/session.ts'
import { SessionContext } from '../api/session-context.ts'
import { GateRulesPage } from './gate-rules-page.tsx'

afterEach(cleanup)

type Body = { readonly version: number; readonly rules: GateRulesContent }
type Refusal = {
  readonly status: number
  readonly code: string
  readonly details?: readonly { path: string; message: string }[]
}

const metadata = { timestamp: '2026-11-25T08:00:00Z', requestId: 'r-1' }
const HOURS = { name: 'Evenings', windows: [{ day: 1, fromMinute: 1080, untilMinute: 1320 }], onHolidays: [] }

const GROUPS = [
  { number: 0, name: 'Campus' },
  { number: 30, name: 'Laboratories' },
].map(each => ({ ...each, accessPoints: [], accessPointIds: [], passes: 0, levels: 0, version: 1 }))

/** The page before a service that holds one document; `refuse` says no to the next saving, after it did what another one would. */
function open(role: Role) {
  const service = {
    version: 1,
    rules: { ...DEFAULT_GATE_RULES, profiles: { 1: HOURS } } as GateRulesContent,
    refuse: null as Refusal | null,
    bodies: [] as Body[],
  }
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const kept = () => ({ version: service.version, rules: service.rules, changedAt: null, changedBy: null })
    if (String(url).endsWith('/groups')) return answer(GROUPS)
    if (!String(url).endsWith('/settings/gate-rules')) return answer([])
    if (init.method === 'GET') return answer(kept())
    const body: Body = JSON.parse(String(init.body))
    service.bodies.push(body)
    if (service.refuse !== null) {
      const { status, code, details = [] } = service.refuse
      service.refuse = null
      const error = { code, message: `said ${code}`, details, path: '/', ...metadata }
      return Response.json({ success: false, data: null, error, message: '', metadata }, { status })
    }
    service.version = body.version + 1
    service.rules = body.rules
    return answer(kept())
  }
  const made = session({ refresh: async () => 'refused', nowMs: Date.now, alone: work => work() })
  const user = {
    id: '00000000-0000-4000-8000-000000000001',
    email: 'a@b.example',
    displayName: 'A',
    role,
    grants: [],
    school: null,
  }
  made.begin({ user, tokens: { accessToken: 't', expiresInS: 900 } })
  render(
    <SessionContext
      value={{
        session: made,
        client: client({ fetch, session: made }),
        resume: async () => {},
        signOut: async () => {},
      }}
    >
      <QueryClientProvider client={new QueryClient()}>
        <MemoryRouter>
          <GateRulesPage />
        </MemoryRouter>
      </QueryClientProvider>
    </SessionContext>,
  )
  return service
}

function answer(data: unknown): Response {
  return Response.json({ success: true, data, error: null, message: '', metadata })
}

const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }))

test('who was overtaken keeps what they changed, beside what another one saved', async () => {
  const service = open('school_admin')
  fireEvent.click(await screen.findByLabelText('Printed codes open'))
  service.version = 2
  service.rules = { ...service.rules, guard: { percent: 9, rows: 9 } }
  service.refuse = { status: 409, code: 'overtaken' }
  press('Save')
  fireEvent.click(await screen.findByRole('button', { name: 'Load the newest and keep mine' }))
  const again = await screen.findByRole('button', { name: 'Save' })
  expect(screen.getByLabelText<HTMLInputElement>('Percent of the passes').value).toBe('9')
  fireEvent.click(again)
  await expect.poll(() => service.bodies.length).toBe(2)
  expect(service.bodies[1]).toMatchObject({ version: 2, rules: { staticPasses: 'refuse', guard: { percent: 9 } } })
})

test('what is wrong with a set is said at it, and what was ticked stays', async () => {
  const service = open('school_admin')
  fireEvent.click(await screen.findByRole('button', { name: 'New set' }))
  fireEvent.click(screen.getByLabelText('Laboratories'))
  service.refuse = {
    status: 422,
    code: 'invalid',
    details: [{ path: 'body.rules.groupSets.0', message: 'names a group that is not there' }],
  }
  press('Save')
  await screen.findByText('names a group that is not there')
  expect(screen.getByLabelText<HTMLInputElement>('Laboratories').checked).toBe(true)
  // Groups 0 and 30, as bits.
  expect(service.bodies[0]!.rules.groupSets).toEqual({ 0: 0x40000001 })
})

test('hours are not changed here: the page leads to theirs, and saves them as they were', async () => {
  const service = open('school_admin')
  const link = await screen.findByRole<HTMLAnchorElement>('link', { name: 'To hours and days' })
  expect(link.getAttribute('href')).toBe('/settings/hours')
  fireEvent.click(screen.getByLabelText('Printed codes open'))
  press('Save')
  await expect.poll(() => service.bodies.length).toBe(1)
  expect(service.bodies[0]!.rules.profiles).toEqual({ 1: HOURS })
})

test('staff read the rules and cannot change them', async () => {
  open('staff')
  const tick = await screen.findByLabelText<HTMLInputElement>('Printed codes open')
  expect(tick.matches(':disabled')).toBe(true)
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()
})
