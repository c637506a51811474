import { createHmac, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { totpCode } from '@gatehouse/shared/pass/totp.ts'
import type { MyPass } from '@gatehouse/shared/wire/api/my.ts'
import type { GoogleCard } from '@gatehouse/shared/wire/api/wallets.ts'
import { decodeJwt } from 'jose'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { readCode } from './read-code.ts'
import { type Session, signIn, watch } from './session.ts'

/** A pass on paper and in a wallet, from the page that makes it to the gate that opens. */

const UP_MS_MAX = 120_000

needs('chromium')('a pass on paper and in a wallet', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let guard: Session

  beforeAll(async () => {
    place = await ground()
    const account = resolve(place.data, '..', 'account.json')
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const private_key = privateKey.export({ format: 'pem', type: 'pkcs8' })
    writeFileSync(account, JSON.stringify({ client_email: 'gate@hillside.example', private_key }))
    const google = { GOOGLE_WALLET_ISSUER: '3388000000012345678', GOOGLE_WALLET_ACCOUNT: account }
    const set = { ...place, environment: { ...place.environment, ...google } }
    ;[campus, browser] = await Promise.all([startCampus(set), openBrowser()])
    guard = await signIn(campus.url, campus.account('security'))
  }, UP_MS_MAX)

  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    clear(place)
  })

  test('a card saved from the page of a pass opens a gate', { timeout: UP_MS_MAX }, async () => {
    const { page, complaints } = await openPage(browser, 'desktop', 'light')
    await signInAs(page, campus.url, campus.account('school_admin'))
    await page.goto(`${campus.url}/passes`)
    await page.getByRole('row').filter({ hasText: 'Ada Lovelace' }).first().click()
    await page.getByRole('button', { name: 'Show the code' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Card as picture' }).click()
    const file = await saved
    expect(file.suggestedFilename()).toMatch(/^pass-\d+\.png$/)
    const digits = await readCode(readFileSync(await file.path()))
    expect(digits).toMatch(/^[1-9]\d{225}$/)

    const feed = await watch(campus.url, guard)
    await guard.call('POST', '/demo/present', { gate: 'south', qr: digits })
    const line = await feed.line(one => one.technology === 'ghp1')
    expect(line).toMatchObject({ kind: 'granted', refusal: null, holder: { name: 'Ada Lovelace' } })
    await feed.end()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('what Google Wallet would show opens a gate that was told the site’s secret', {
    timeout: UP_MS_MAX,
  }, async () => {
    const ada = await signIn(campus.url, campus.account('student'))
    const { passId } = (await ada.call<MyPass[]>('GET', '/my/passes')).data![0]!
    const { saveUrl } = (await ada.call<GoogleCard>('GET', `/my/passes/${passId}/google-wallet`)).data!
    const { payload } = decodeJwt<{ payload: { genericObjects: [Shown] } }>(saveUrl.split('/').at(-1)!)
    const { valuePattern, totpDetails } = payload.genericObjects[0].rotatingBarcode
    const tS = Math.floor(Date.now() / 1000)
    const hmac = (key: Uint8Array, message: Uint8Array) => createHmac('sha1', key).update(message).digest()
    const code = totpCode(hmac, Buffer.from(totpDetails.parameters[0].key, 'hex'), tS)
    const qr = valuePattern.replace('{totp_timestamp_seconds}', String(tS)).replace('{totp_value_0}', code)

    const feed = await watch(campus.url, guard)
    await guard.call('POST', '/demo/present', { gate: 'south', qr })
    expect(await feed.line(one => one.passId === passId)).toMatchObject({ kind: 'granted', refusal: null })
    await guard.call('POST', '/demo/present', { gate: 'south', qr: qr.slice(0, 236) + wrong(qr.slice(236)) })
    expect(await feed.line(one => one.refusal !== null)).toMatchObject({ refusal: 'bad_proof' })
    await feed.end()
  })

  test('axe finds nothing where a pass is printed or put into a wallet', { timeout: UP_MS_MAX }, async () => {
    const found: Record<string, readonly string[]> = {}
    for (const [size, theme] of [
      ['phone', 'dark'],
      ['desktop', 'light'],
    ] as const) {
      const office = (await openPage(browser, size, theme)).page
      await signInAs(office, campus.url, campus.account('school_admin'))
      await office.goto(`${campus.url}/passes`)
      await office
        .getByRole('link', { name: /Ada Lovelace/ })
        .first()
        .click()
      await office.getByRole('button', { name: 'Show the code' }).click()
      await office.getByRole('img', { name: /^Code of pass/ }).waitFor()
      found[`office ${size} ${theme}`] = await axe(office)
      await keepPicture(office, `print-${size}-${theme}`)
      await office.context().close()
      const phone = (await openPage(browser, size, theme)).page
      await signInAs(phone, campus.url, campus.account('student'))
      await phone.getByRole('button', { name: 'Add to Google Wallet' }).waitFor()
      expect(await phone.getByRole('button', { name: 'Add to Apple Wallet' }).count()).toBe(0)
      found[`wallet ${size} ${theme}`] = await axe(phone)
      await keepPicture(phone, `wallet-${size}-${theme}`)
      await phone.context().close()
    }
    expect(Object.values(found).flat()).toEqual([])
  })
})

type Shown = {
  readonly rotatingBarcode: {
    readonly valuePattern: string
    readonly totpDetails: { readonly parameters: readonly [{ readonly key: string }] }
  }
}

/** Another code of eight digits. */
function wrong(code: string): string {
  return String((Number(code) + 1) % 10 ** 8).padStart(8, '0')
}
