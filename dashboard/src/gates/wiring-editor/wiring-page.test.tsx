import type { GateConfigurationAnswer } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import { HardwareConfig } from '@gatehouse/shared/wire/hardware/hardware-config.ts'
import type { Role } from '@gatehouse/shared/wire/rights.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { createMemoryRouter, RouterProvider } from 'react-router'
import { afterEach, expect, test } from 'vitest'
import { client } from '../../api/client.ts'
import { session } from '../../api/session.ts'
import { SessionContext } from '../../api/session-context.ts'
import { WiringPage } from './wiring-page.tsx'

afterEach(cleanup)

const GATE_ID = '00000000-0000-4000-8000-0000000000aa'
const GATE: Gate = {
  gateId: GATE_ID,
  shortName: 'north',
  name: 'North gate',
  online: true,
  since: null,
  enrolled: true,
  listVersion: null,
  listIssuedAt: null,
  lastEventAt: null,
  waiting: null,
  inside: null,
  lanes: [],
  accessPoints: [
    { id: '00000000-0000-4000-8000-0000000000bb', lane: 'in', name: 'Way in', direction: 'in', groups: [0] },
  ],
  createdAt: '2026-11-25T08:00:00Z',
}
const WIRED = HardwareConfig.parse({
  boards: [{ family: 'lcus', id: 'relays', port: { kind: 'serial', path: '/dev/ttyUSB1' } }],
  lanes: [
    {
      lane: 'in',
      name: 'Way in',
      direction: 'in',
      groups: [0],
      readers: [{ family: 'rdm6300', id: 'card', port: { kind: 'serial', path: '/dev/ttyUSB0' } }],
      door: { output: { board: 'relays', channel: 1 } },
    },
  ],
})
const metadata = { timestamp: '2026-11-25T08:00:00Z', requestId: 'r-1' }
const answer = (data: unknown) => Response.json({ success: true, data, error: null, message: '', metadata })

/** The page before a service that takes what it is sent, but for `overtakenBy`: somebody else was faster. */
function open(role: Role) {
  const service = {
    version: 1,
    hardware: WIRED,
    overtakenBy: null as HardwareConfig | null,
    bodies: [] as { basedOn: number; lanes: { door: { pulseMs: unknown } }[] }[],
  }
  const now = (): GateConfigurationAnswer => ({
    newest: { version: service.version, ...service.hardware },
    reported: { source: 'cloud', version: service.version, sha256: 'a'.repeat(64) },
    history: [],
  })
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    const path = String(url)
    if (path.endsWith('/configuration/check')) return answer({ mistakes: [], changes: [{ place: 'p', what: 'w' }] })
    if (!path.endsWith('/configuration')) return answer(path.endsWith(GATE_ID) ? GATE : [])
    if (init.method === 'GET') return answer(now())
    const body = JSON.parse(String(init.body))
    service.bodies.push(body)
    if (service.overtakenBy !== null) {
      service.hardware = service.overtakenBy
      service.overtakenBy = null
      service.version++
      const error = { code: 'overtaken', message: 'said overtaken', details: [], path: '/', ...metadata }
      return Response.json({ success: false, data: null, error, message: '', metadata }, { status: 409 })
    }
    service.version++
    service.hardware = HardwareConfig.parse({
      boards: body.boards,
      lanes: body.lanes.map((lane: object) => ({ ...WIRED.lanes[0], ...lane })),
    })
    return answer(now())
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
  const router = createMemoryRouter([{ path: '/gates/:gateId/wiring', Component: WiringPage }], {
    initialEntries: [`/gates/${GATE_ID}/wiring`],
  })
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
        <RouterProvider router={router} />
      </QueryClientProvider>
    </SessionContext>,
  )
  return service
}

const type = async (label: string, value: string) =>
  fireEvent.change(await screen.findByLabelText(label), { target: { value } })
const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }))

test('what is wrong is said beside its field while it is typed, and nothing is asked of the service', async () => {
  const service = open('facilities')
  await type('Pulse, ms', '20')
  expect(await screen.findByText('must be at least 100')).toBeTruthy()
  await type('Channel', '12')
  await type('Pulse, ms', '300')
  expect(await screen.findByText('lcus has outputs 1 to 8')).toBeTruthy()
  await press('Review')
  expect(await screen.findByText('1 thing to mend')).toBeTruthy()
  expect(service.bodies).toEqual([])
})

test('a device that nobody has touched is not scolded until somebody wants to send it', async () => {
  open('facilities')
  await press('Add a reader')
  expect(screen.queryByText('is missing')).toBeNull()
  await press('Review')
  expect(await screen.findAllByText('is missing')).toHaveLength(1)
})

test('who was overtaken keeps what was typed, and sends it on top of the newest', async () => {
  const service = open('facilities')
  service.overtakenBy = { ...WIRED, boards: [{ ...WIRED.boards[0]!, id: 'relays' }] }
  await type('Pulse, ms', '900')
  await press('Review')
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Send' }))
  await press('Load the newest and keep mine')
  await press('Review')
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Send' }))
  expect(await screen.findByText('The gate runs by version 3.')).toBeTruthy()
  expect(service.bodies.map(({ basedOn, lanes }) => [basedOn, lanes[0]!.door.pulseMs])).toEqual([
    [1, 900],
    [2, 900],
  ])
})

test('a guard sees it and can change nothing', async () => {
  open('security')
  expect(((await screen.findByLabelText('Pulse, ms')) as HTMLInputElement).matches(':disabled')).toBe(true)
  expect(screen.queryByRole('button', { name: 'Add a board' })).toBeNull()
})
