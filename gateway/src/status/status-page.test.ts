import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Status } from './status-html.ts'
import { statusHtml } from './status-html.ts'
import { statusPage } from './status-page.ts'

const NOW = Date.UTC(2026, 8, 1, 8)
const status: Status = {
  name: 'North gate',
  gateId: '019a0000-0000-7000-8000-000000000001',
  hasCloud: true,
  nowMs: NOW,
  timeZone: 'Europe/Amsterdam',
  listIssuedAtMs: NOW - 30_000,
  state: {
    online: true,
    version: '0.1.0',
    listVersion: 12,
    waiting: 3,
    inside: 41,
    clockQuality: 'confirmed',
    lanes: [
      {
        lane: 'in',
        readers: [{ id: 'card', reads: 'card', up: false, problem: 'there is no <b>/dev/card</b>: plug it in' }],
        door: { up: true, pulse: 'software-timed', evacuating: true },
      },
    ],
  },
  events: [],
}

async function page() {
  const made = await statusPage(0, () => status)
  onTestFinished(() => made.close())
  const ask = (path: string, { method = 'GET', host = 'localhost' } = {}) =>
    new Promise<{ code: number; body: string }>((resolve, reject) => {
      const asked = request(made.url + path, { method, headers: { host } }, response => {
        let body = ''
        response.on('data', chunk => {
          body += chunk
        })
        response.on('end', () => resolve({ code: response.statusCode!, body }))
      })
      asked.on('error', reject)
      asked.end()
    })
  return { made, ask }
}

describe('the page at the gate', () => {
  test('says how each device is, who ends a pulse, and that the fire alarm has released a door', () => {
    const html = statusHtml(status)
    expect(html).toContain('version 12, signed 30 s ago')
    expect(html).toContain('1 Sept 2026, 10:00:00 in Europe/Amsterdam, confirmed')
    expect(html).toContain('■ down')
    expect(html).toContain('software-timed, released by the fire alarm')
    expect(html).toContain('3 events wait')
  })

  test('what a device says is text, whatever it looks like', () => {
    expect(statusHtml(status)).not.toContain('<b>/dev/card')
    expect(statusHtml(status)).toContain('&#60;b&#62;/dev/card')
  })

  test('listens on this machine only', async () => {
    const { made } = await page()
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  test('answers people and programs', async () => {
    const { ask } = await page()
    expect((await ask('/')).body).toContain('<h1>North gate</h1>')
    expect(JSON.parse((await ask('/status.json')).body)).toEqual(status)
    expect((await ask('/other')).code).toBe(404)
  })

  test('takes no order, and no name but its own', async () => {
    const { ask } = await page()
    expect((await ask('/', { method: 'POST' })).code).toBe(405)
    expect((await ask('/', { host: 'evil.example' })).code).toBe(403)
    expect((await ask('/', { host: '127.0.0.1:8470' })).code).toBe(200)
  })
})
