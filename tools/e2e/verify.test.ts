import { join, resolve } from 'node:path'
import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, type Size, signInAs } from './browser.ts'
import { writeFilm } from './camera-film.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** A guard's phone in front of a real code: what the camera sees, what the service says, what the screen shows. */

const UP_MS_MAX = 120_000

needs('chromium')('the camera page of a guard', () => {
  let place: Ground
  let campus: Campus
  let camera: Browser
  let cameraless: Browser
  let admin: Session
  let pass: Pass
  let digits: string

  beforeAll(async () => {
    place = await ground()
    campus = await startCampus(place)
    admin = await signIn(campus.url, campus.account('school_admin'))
    pass = (await admin.call<Pass[]>('GET', '/passes?search=lovelace&status=active')).data![0]!
    digits = (await admin.call<{ digits: string }>('GET', `/passes/${pass.passId}/code`)).data!.digits
    const film = join(resolve(place.data, '..'), 'film.y4m')
    writeFilm(film, digits)
    ;[camera, cameraless] = await Promise.all([
      openBrowser(
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${film}`,
      ),
      openBrowser(),
    ])
  }, UP_MS_MAX)

  afterAll(async () => {
    await Promise.all([camera?.close(), cameraless?.close()])
    if (campus) await stop(campus.process)
    clear(place)
  })

  async function guard(browser: Browser, size: Size = 'phone', theme: 'light' | 'dark' = 'light') {
    const opened = await openPage(browser, size, theme)
    await signInAs(opened.page, campus.url, campus.account('security'))
    return opened
  }

  test('a code in front of the camera is read and answered, and once it is revoked the answer is another', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { page, complaints } = await guard(camera)
    await page.goto(`${campus.url}/verify`)
    const answer = page.getByRole('dialog', { name: 'Answer' })
    await answer.getByText('Open', { exact: true }).waitFor()
    expect(await answer.textContent()).toContain(pass.holder.name)
    await keepPicture(page, 'verify-open')
    expect(await axe(page)).toEqual([])

    // An open answer goes by itself, and the code that is still held up is not asked again.
    await answer.waitFor({ state: 'detached' })
    await admin.call('POST', `/passes/${pass.passId}/suspension`, { note: 'Lost on the way home' })
    await page.getByLabel('Digits of a code').fill(digits)
    await page.keyboard.press('Enter')
    await answer.getByText('Pass is blocked').waitFor()
    expect(await answer.textContent()).toContain('Ask for identification.')
    await keepPicture(page, 'verify-refused')
    expect(await axe(page)).toEqual([])
    await admin.call('DELETE', `/passes/${pass.passId}/suspension`)

    // After a tap the same code is asked anew.
    await page.keyboard.press('Enter')
    await answer.getByText('Open', { exact: true }).waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('the camera is let go when the page is left', { timeout: UP_MS_MAX }, async () => {
    const { page } = await guard(camera)
    await page.goto(`${campus.url}/verify`)
    await page.getByRole('dialog', { name: 'Answer' }).waitFor()
    const trackState = () => page.evaluate('globalThis.track.readyState')
    await page.evaluate("globalThis.track = document.querySelector('video').srcObject.getVideoTracks()[0]; null")
    expect(await trackState()).toBe('live')
    // The film goes on, and its next answer may open over the link in the middle of a click.
    const leave = async () => {
      await page.keyboard.press('Enter')
      await page.getByRole('link', { name: 'Live' }).first().click({ timeout: 3_000 })
      await page.waitForURL(/\/live$/, { timeout: 3_000 })
    }
    await vi.waitFor(leave, { timeout: 60_000 })
    await expect.poll(trackState, { timeout: 30_000 }).toBe('ended')
    await page.context().close()
  })

  test('without a camera the page says what to do, and reads a picture; without a network it says so', {
    timeout: UP_MS_MAX,
  }, async () => {
    const { page } = await guard(cameraless)
    await page.goto(`${campus.url}/verify`)
    await page.getByText(/This device has no camera|may not use the camera/).waitFor()
    await page.getByLabel('Picture of a code').setInputFiles({
      name: 'holiday.png',
      mimeType: 'image/png',
      buffer: await page.screenshot(),
    })
    await page.getByText('There is no code in that picture').waitFor()

    // Tomorrow the guard stands at the same gate.
    await page.getByLabel('Where you stand').selectOption({ label: 'South gate' })
    await page.reload()
    await expect
      .poll(() => page.getByLabel('Where you stand').locator(':checked').textContent(), { timeout: UP_MS_MAX })
      .toBe('South gate')
    await page.getByLabel('Digits of a code').fill(digits)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Open', { exact: true }).waitFor()
    expect(await page.getByRole('dialog').textContent()).not.toContain('Opens at')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await page.context().setOffline(true)
    await page.getByText('There is no network').waitFor()
    await page.getByLabel('Digits of a code').fill(digits)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('No answer').waitFor()
    await keepPicture(page, 'verify-offline')
    expect(await axe(page)).toEqual([])
    await page.context().close()
  })

  test('axe finds nothing, in either theme, on phone and desktop', { timeout: UP_MS_MAX }, async () => {
    const found: Record<string, string[]> = {}
    for (const [size, theme] of [
      ['phone', 'light'],
      ['desktop', 'dark'],
    ] as const) {
      for (const [name, browser] of Object.entries({ camera, cameraless })) {
        const { page, complaints } = await guard(browser, size, theme)
        await page.goto(`${campus.url}/verify`)
        if (name === 'camera') {
          await page.getByRole('dialog', { name: 'Answer' }).waitFor()
          found[`answer ${size} ${theme}`] = await axe(page)
          await keepPicture(page, `verify-answer-${size}-${theme}`)
          await page.getByRole('dialog', { name: 'Answer' }).waitFor({ state: 'detached' })
        } else {
          await page.getByRole('alert').waitFor()
        }
        found[`${name} ${size} ${theme}`] = [...(await axe(page)), ...complaints]
        await keepPicture(page, `verify-${name}-${size}-${theme}`)
        await page.context().close()
      }
    }
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([])
  })
})
