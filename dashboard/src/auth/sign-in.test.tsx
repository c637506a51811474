import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { BrowserSession } from '../api/browser-session.ts'
import { client } from '../api/client.ts'
import { session } from '../api/session.ts'
import { SessionContext } from '../api/session-context.ts'
import { SignIn } from './sign-in.tsx'

afterEach(cleanup)

const metadata = { timestamp: '2026-11-25T08:00:00Z', requestId: 'r-1' }
const refused = (status: number, headers: Record<string, string> = {}) =>
  Response.json(
    {
      success: false,
      data: null,
      error: { code: 'c', message: 'm', details: [], path: '/', ...metadata },
      message: '',
      metadata,
    },
    { status, headers },
  )
const user = {
  id: '00000000-0000-4000-8000-000000000001',
  email: 'a@b.example',
  displayName: 'A',
  role: 'security',
  grants: [],
  school: null,
}
const welcome = () =>
  Response.json({
    success: true,
    data: { user, tokens: { accessToken: 't', expiresInS: 900 } },
    error: null,
    message: '',
    metadata,
  })

/** The page before a service that answers as told; gives back what it was asked. */
function open(serve: () => Response | Promise<Response>) {
  const bodies: unknown[] = []
  const made = session({ refresh: async () => 'refused', nowMs: Date.now, alone: work => work() })
  const fetch = async (_url: unknown, init: RequestInit = {}) => {
    bodies.push(JSON.parse(String(init.body)))
    return serve()
  }
  const browser: BrowserSession = {
    session: made,
    client: client({ fetch, session: made }),
    resume: async () => {},
    signOut: async () => {},
  }
  render(
    <SessionContext value={browser}>
      <SignIn />
    </SessionContext>,
  )
  return { bodies, session: made }
}

async function send(password = 'secret') {
  fireEvent.change(screen.getByLabelText('E-mail'), { target: { value: 'guard@school.example' } })
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: password } })
  await act(async () => fireEvent.submit(screen.getByRole('form', { name: 'Sign in' })))
}

const failures: readonly [what: string, serve: () => Response | Promise<Response>, said: string][] = [
  ['a wrong password', () => refused(401), 'E-mail or password is wrong. Check both and try again.'],
  ['too many tries', () => refused(429, { 'retry-after': '840' }), 'Too many tries. Wait 14 minutes and try again.'],
  ['an account switched off', () => refused(403), 'This account is switched off. Ask an administrator of the school.'],
  ['half an address', () => refused(422), 'Give the whole e-mail address and the password.'],
  [
    'no network',
    () => Promise.reject(new TypeError('failed to fetch')),
    'The service does not answer. Check the network; the gates go on working without it.',
  ],
]
for (const [what, serve, said] of failures) {
  test(`${what} is said in a sentence, and the password is ready to be typed again`, async () => {
    const { session } = open(serve)
    await send()
    expect(screen.getByRole('alert').textContent).toBe(said)
    expect(document.activeElement).toBe(screen.getByLabelText('Password'))
    expect(session.state().is).not.toBe('signed-in')
  })
}

test('the right password begins the session; without the tick it ends with the browser', async () => {
  const { bodies, session } = open(welcome)
  await send()
  expect(session.state().is).toBe('signed-in')
  expect(bodies).toEqual([{ email: 'guard@school.example', password: 'secret', rememberMe: false }])
})

test('the tick asks to stay signed in', async () => {
  const { bodies } = open(welcome)
  fireEvent.click(screen.getByLabelText('Stay signed in on this device'))
  await send()
  expect(bodies).toMatchObject([{ rememberMe: true }])
})

test('Caps Lock is told while the password is typed', () => {
  open(welcome)
  fireEvent.keyDown(screen.getByLabelText('Password'), { key: 'A', modifierCapsLock: true })
  expect(screen.getByText('Caps Lock is on.')).toBeDefined()
  fireEvent.keyUp(screen.getByLabelText('Password'), { key: 'a', modifierCapsLock: false })
  expect(screen.queryByText('Caps Lock is on.')).toBeNull()
})

test('the password can be shown and hidden', () => {
  open(welcome)
  fireEvent.click(screen.getByRole('button', { name: 'Show the password' }))
  expect(screen.getByLabelText('Password').getAttribute('type')).toBe('text')
  fireEvent.click(screen.getByRole('button', { name: 'Hide the password' }))
  expect(screen.getByLabelText('Password').getAttribute('type')).toBe('password')
})
