import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, SIZES, type Size } from './browser.ts'
import type { Campus } from './campus-process.ts'
import { type Office, openOffice } from './office.ts'
import type { Session } from './session.ts'

/** The inbox, what somebody chose to be told of, and the deliveries with their web hooks, in a real browser. */

const UP_MS_MAX = 120_000

needs('chromium')('the pages of notifications', () => {
  let office: Office
  let campus: Campus
  let admin: Session
  let page: Page
  let complaints: readonly string[]
  beforeAll(async () => {
    // Two places of sign-in: the second is one that was not seen before.
    office = await openOffice()
    ;({ campus, admin, page, complaints } = office)
  }, UP_MS_MAX)
  afterAll(() => office?.[Symbol.asyncDispose]())

  const go = (path: string) => page.goto(`${campus.url}${path}`)
  const dialog = () => page.getByRole('dialog')

  test('a sign-in from a new device is in the inbox, is counted in the header and is read', {
    timeout: UP_MS_MAX,
  }, async () => {
    const bell = page.getByRole('link', { name: 'Inbox: 1 unread' })
    await bell.waitFor()
    await bell.click()
    const line = page.getByRole('region', { name: 'Notifications' }).getByRole('link')
    await line.filter({ hasText: 'Somebody signed in to your account' }).click()
    await page.waitForURL(/\/account$/)
    await page.getByRole('link', { name: 'Inbox', exact: true }).waitFor()
    expect((await admin.call<{ unread: number }>('GET', '/my/notifications/unread')).data).toEqual({ unread: 0 })

    // Where the live feed is watched, what comes is counted as it comes: the page asks by itself once a minute only.
    await go('/live')
    await page.getByText('Live', { exact: true }).first().waitFor()
    await page.waitForLoadState('networkidle')
    const { email, password } = campus.account('school_admin')
    const headers = { 'content-type': 'application/json', 'user-agent': 'A program that nobody has seen' }
    const entered = await fetch(`${campus.url}/api/v1/auth/login`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email, password }),
    })
    expect(entered.status).toBe(200)
    await page.getByRole('link', { name: 'Inbox: 1 unread' }).waitFor({ timeout: 20_000 })
  })

  test('somebody chooses one mail a day and quiet hours', { timeout: UP_MS_MAX }, async () => {
    await go('/account')
    const part = page.getByRole('region', { name: 'Notifications' })
    await part.getByLabel('Job failed: e-mail').selectOption('daily')
    await part.getByLabel('Job failed: push').uncheck()
    await part.getByLabel('Quiet hours: push and text messages wait').check()
    await part.getByLabel('From').fill('21:30')
    expect(await part.getByLabel('New sign-in: e-mail').isDisabled()).toBe(true)
    await part.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Notifications saved').waitFor()
    const kept = await admin.call<{ quietHours: object; kinds: Record<string, object> }>(
      'GET',
      '/my/notification-preferences',
    )
    expect(kept.data).toMatchObject({
      quietHours: { from: '21:30', to: '07:00' },
      kinds: { job_dead: { inbox: 'now', email: 'daily', push: 'off', sms: 'off' } },
    })
  })

  test('a web hook is added, shows its secret once, is paused and deleted; a private address is refused', {
    timeout: UP_MS_MAX,
  }, async () => {
    await go('/deliveries')
    await page.getByRole('button', { name: 'Add a web hook' }).click()
    await dialog().getByLabel('Address').fill('https://169.254.169.254/latest')
    await dialog().getByLabel('Pass issued').check()
    await dialog().getByRole('button', { name: 'Add', exact: true }).click()
    await dialog()
      .getByText(/this is a private address/)
      .first()
      .waitFor()
    await dialog().getByLabel('Address').fill('https://program.hillside.example/gatehouse')
    await dialog().getByRole('button', { name: 'Add', exact: true }).click()
    const secret = (await dialog().locator('code').textContent())!
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(await axe(page)).toEqual([])
    await keepPicture(page, 'webhook-secret')
    await dialog().getByRole('button', { name: 'Done' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Pause https://program.hillside.example/gatehouse' }).click()
    await page.getByRole('button', { name: 'Go on with https://program.hillside.example/gatehouse' }).waitFor()
    expect(await page.content()).not.toContain(secret)
  })

  test('every page is fit for everybody, in both themes, on a phone and on a desk', {
    timeout: UP_MS_MAX,
  }, async () => {
    const found: Record<string, string[]> = {}
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      for (const size of ['phone', 'desktop'] as Size[]) {
        await page.setViewportSize(SIZES[size])
        for (const path of ['/inbox', '/deliveries', '/account']) {
          await go(path)
          await page.getByRole('heading', { level: 1 }).waitFor()
          await page.waitForLoadState('networkidle')
          found[`${path} ${size} ${theme}`] = await axe(page)
          await keepPicture(page, `${path.slice(1)}-${size}-${theme}`)
          const over = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          if (Number(over) > 0) found[`width of ${path} ${size}`] = [`${over} px too wide`]
        }
      }
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
    expect(complaints.filter(line => !line.includes('422'))).toEqual([])
  })
})
