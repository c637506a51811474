import type { CardOffer } from '@gatehouse/shared/wire/api/card-offers.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { signIn, watch } from './session.ts'

/** A card is read at a gate's reader and goes on a pass, by hand in a real browser, in front of a real campus. */

const UP_MS_MAX = 120_000

needs('chromium')('a card that is read at a reader', () => {
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

  async function openDialog(page: Page): Promise<void> {
    await page.goto(`${campus.url}/students?search=lovelace`)
    await page.getByText('Ada Lovelace', { exact: true }).first().click()
    await page.getByRole('link', { name: 'Open the whole page' }).click()
    await page.getByRole('button', { name: 'Add a card' }).first().click()
    await page.getByRole('button', { name: 'Read it at a reader' }).click()
  }

  test('is offered with its last characters, added, and opens the gate', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('school_admin'))
    await openDialog(page)
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reader', { exact: true }).selectOption({ label: 'North gate, In' })
    await dialog.getByRole('button', { name: 'Wait for the card' }).click()
    await dialog.getByText('Hold the card to the reader now').waitFor()
    await dialog.getByText(/^\d+ seconds left$/).waitFor()

    // Whose it is already is said, and the reader waits on.
    const guard = await signIn(campus.url, campus.account('security'))
    const present = (card: string) => guard.call('POST', '/demo/present', { gate: 'north', lane: 'in', card })
    await present('01000734E0')
    await dialog.getByText(/That card is on .* already\. The reader still waits/).waitFor()

    const sent = page.waitForRequest(request => request.url().endsWith('/demo/present'))
    await dialog.getByRole('button', { name: 'Hold a new card to it' }).click()
    const { card } = JSON.parse((await sent).postData()!) as { card: string }
    await dialog.getByText(`…${card.slice(-3)}`, { exact: true }).waitFor()

    const feed = await watch(campus.url, guard)
    const inForce = feed.line(({ kind, gateName }) => kind === 'list' && gateName === 'North gate')
    await dialog.getByRole('button', { name: /^Add to pass/ }).click()
    await page.getByText(`Card …${card.slice(-3)} added`).waitFor()
    await inForce
    const granted = feed.line(({ kind, holder }) => kind === 'granted' && holder?.name === 'Ada Lovelace')
    await present(card)
    expect((await granted).technology).toBe('em4100')
    await feed.end()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('each step is found whole by axe, on phone and desktop, in either theme', {
    timeout: 3 * UP_MS_MAX,
  }, async () => {
    const found: Record<string, string[]> = {}
    for (const [size, theme] of [
      ['desktop', 'light'],
      ['desktop', 'dark'],
      ['phone', 'light'],
      ['phone', 'dark'],
    ] as const) {
      const { page, complaints } = await openPage(browser, size, theme)
      const look = async (step: string) => {
        found[`${step} ${size} ${theme}`] = await axe(page)
        await keepPicture(page, `enrol-${step}-${size}-${theme}`)
      }
      // What the office would see of a gate in each state, the page being the real one.
      const answers: CardOffer['state'][] = []
      await page.route('**/api/v1/card-offers/*', async route => {
        const answer = await route.fetch()
        const said = await answer.json()
        const state = answers.at(-1)
        await route.fulfill({
          response: answer,
          json: state === undefined ? said : { ...said, data: { ...said.data, state, why: 'clock_in_doubt' } },
        })
      })
      await signInAs(page, campus.url, campus.account('school_admin'))
      await openDialog(page)
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Wait for the card' }).waitFor()
      await look('choose')
      await dialog.getByRole('button', { name: 'Wait for the card' }).click()
      await dialog.getByText(/^\d+ seconds left$/).waitFor()
      await dialog.getByRole('button', { name: 'Hold a new card to it' }).waitFor()
      await look('wait')
      answers.push('gate_offline')
      await dialog.getByText('The gate has gone offline.').waitFor()
      await look('offline')
      answers.push('refused')
      await dialog.getByText('The gate does not trust its clock').waitFor()
      await look('refused')
      answers.push('expired')
      await dialog.getByRole('button', { name: 'Try again' }).click()
      await dialog.getByText('The minute is over').waitFor()
      await look('expired')
      answers.splice(0)
      await dialog.getByRole('button', { name: 'Try again' }).click()
      await dialog.getByRole('button', { name: 'Hold a new card to it' }).click()
      await dialog.getByRole('button', { name: /^Add to pass/ }).waitFor()
      await look('offered')
      found[`complaints ${size} ${theme}`] = [...complaints]
      await page.context().close()
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })
})
