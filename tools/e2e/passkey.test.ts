import { createHmac } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, SIZES, type Size, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'

/** Signing in, in a real browser: passkeys of Chromium's own virtual authenticator, a second factor, what the account page shows. */

const UP_MS_MAX = 120_000
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

needs('chromium')('signing in with a browser', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  beforeAll(async () => {
    place = await ground()
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
  }, UP_MS_MAX)
  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  const signOut = async (page: Page) => {
    await page.goto(`${campus.url}/account`)
    await page.getByRole('button', { name: 'Sign out here' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  }
  /** The page in both sizes, and what axe finds in it. */
  const look = async (page: Page, name: string) => {
    const found: string[] = []
    for (const size of ['phone', 'desktop'] as Size[]) {
      await page.setViewportSize(SIZES[size])
      found.push(...(await axe(page)).map(line => `${name} ${size}: ${line}`))
      await keepPicture(page, `${name}-${size}`)
    }
    return found
  }

  test('a passkey is made on the account page, and signs in without a password', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'light')
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    const guard = campus.account('security')
    await signInAs(page, campus.url, guard)
    await page.goto(`${campus.url}/account`)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByLabel('Name, to know it by').fill('This laptop')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('shown this once').waitFor()
    expect(await look(page, 'recovery-codes')).toEqual([])
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('This laptop').waitFor()
    expect(await look(page, 'account')).toEqual([])

    await signOut(page)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('navigation').first().waitFor()
    await page.goto(`${campus.url}/account`)
    await page.getByText('with a passkey').waitFor()

    // After the password it is asked for as the second step.
    await signOut(page)
    await page.getByLabel(/e-mail/i).fill(guard.email)
    await page.getByLabel(/^password/i).fill(guard.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Show that it is you').waitFor()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('navigation').first().waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('an application is set up by its code, and asked for at the next sign-in', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'dark')
    const staff = campus.account('staff')
    await signInAs(page, campus.url, staff)
    await page.goto(`${campus.url}/account`)
    await page.getByRole('button', { name: 'Set up' }).click()
    const secret = (await page.locator('code').innerText()).replaceAll(' ', '')
    expect(await look(page, 'set-up-application')).toEqual([])
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret))
    await page.getByRole('button', { name: 'Confirm' }).click()
    const paper = (
      await page
        .locator('li')
        .filter({ hasText: /^\w{4}-\w{4}-\w{4}$/ })
        .first()
        .innerText()
    ).trim()
    await page.getByRole('button', { name: 'I have kept them' }).click()

    await signOut(page)
    await page.getByLabel(/e-mail/i).fill(staff.email)
    await page.getByLabel(/^password/i).fill(staff.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('alert').waitFor()
    expect(await look(page, 'second-step')).toEqual([])
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(paper)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('navigation').first().waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('the pages before the house are clean in both themes, and say what went wrong', {
    timeout: UP_MS_MAX,
  }, async () => {
    const found: string[] = []
    for (const theme of ['light', 'dark'] as const) {
      const { page, complaints } = await openPage(browser, 'phone', theme)
      await page.goto(`${campus.url}/#sign-on=issuer_away`)
      await page.getByText('sign-on does not answer').waitFor()
      found.push(...(await look(page, `sign-in-${theme}`)))
      await page.getByRole('button', { name: 'Forgotten the password?' }).click()
      await page.getByLabel('E-mail').fill('nobody@nowhere.example')
      found.push(...(await look(page, `forgotten-${theme}`)))
      await page.getByRole('button', { name: 'Send me a link' }).click()
      await page.getByText('a link is on its way').waitFor()
      await page.goto(`${campus.url}/reset#${'A'.repeat(43)}`)
      await page.getByLabel('New password').fill('four words of mine')
      await page.getByRole('button', { name: 'Set the password' }).click()
      await page.getByText('This link was used').waitFor()
      expect(new URL(page.url()).hash).toBe('')
      found.push(...(await look(page, `reset-${theme}`)))
      await page.goto(`${campus.url}/setup`)
      await page.getByText('This link is not whole').waitFor()
      found.push(...(await look(page, `setup-${theme}`)))
      found.push(...complaints)
      await page.context().close()
    }
    expect(found).toEqual([])
  })
})

/** What an application makes of the secret, in its own words (RFC 6238). */
function codeOf(secret: string): string {
  const bits = [...secret].map(letter => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map(eight => Number.parseInt(eight, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
