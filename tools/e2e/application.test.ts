import { createHmac } from 'node:crypto'
import type { Gate } from '@gatehouse/shared/wire/api/gates.ts'
import type { MyPass } from '@gatehouse/shared/wire/api/my.ts'
import type { StudentInFull } from '@gatehouse/shared/wire/api/students.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { halves, smallPdf } from '../../cloud/src/files/testing/pictures.ts'
import { newBrowser, vapidAudience } from '../../cloud/src/testing/push-browser.ts'
import { type Receiver, startReceiver } from '../../cloud/src/testing/receiver.ts'
import { startSmtp, type TestSmtp } from '../../cloud/src/testing/smtp.ts'
import { needs } from '../needs.ts'
import { axe, keepPicture, openBrowser, openPage, SIZES, signInAs } from './browser.ts'
import { type Campus, clear, type Ground, ground, startCampus, stop } from './campus-process.ts'
import { readScreen } from './read-code.ts'
import { type Session, signIn, watch } from './session.ts'

/** One application from the first letter to the door, with whatever is told on the way as those who are told see it. */

const UP_MS_MAX = 120_000
const EMAIL = 'wilhelmina.vanderberg@student.hillside.example'
const HER = { email: EMAIL, password: 'between the lines 1871', role: 'student' as const }
const PAPER = smallPdf()

needs('chromium')('an application, from the letter to the door', () => {
  let place: Ground
  let campus: Campus
  let browser: Browser
  let admin: Session
  let mail: TestSmtp
  let hook: Receiver
  let push: Receiver
  beforeAll(async () => {
    ;[place, mail, hook, push] = await Promise.all([
      ground(),
      startSmtp(),
      startReceiver(),
      startReceiver((_request, response) => void response.writeHead(201).end()),
    ])
    Object.assign(place.environment, {
      SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      MAIL_FROM: 'Gatehouse <gatehouse@hillside.example>',
      GATEHOUSE_PRIVATE_WEBHOOKS: '1',
    })
    ;[campus, browser] = await Promise.all([startCampus(place), openBrowser()])
    admin = await signIn(campus.url, campus.account('school_admin'))
  }, UP_MS_MAX)
  afterAll(async () => {
    await browser?.close()
    if (campus) await stop(campus.process)
    for (const one of [mail, hook, push]) await one?.[Symbol.asyncDispose]()
    clear(place)
  })

  /** The mail to somebody whose text says this, as soon as it is there. */
  const mailed = async (to: string, words: string): Promise<string> => {
    let found: string | undefined
    await expect
      .poll(
        () => {
          found = mail.received
            .filter(one => one.to.includes(to))
            .map(({ raw }) => textOf(raw))
            .find(raw => raw.includes(words))
          return found !== undefined
        },
        { timeout: 30_000 },
      )
      .toBe(true)
    return found!
  }
  const seen = async (page: Page, name: string) => {
    await keepPicture(page, name)
    expect(await axe(page)).toEqual([])
    const over = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(over).toBe(0)
  }

  test('a draft on a phone becomes a pass that opens the gate', { timeout: 240_000 }, async () => {
    // The school knows the student, and a program of its own wants to hear of applications and passes.
    const wanted = ['application_submitted', 'documents_asked', 'application_approved', 'pass_issued']
    const { secret } = (
      await admin.call<{ secret: string }>('POST', '/webhooks', { url: `${hook.url}/gatehouse`, kinds: wanted })
    ).data!
    const student = await admin.call<StudentInFull>('POST', '/students', {
      studentNumber: 'W-187101',
      firstName: 'Wilhelmina',
      lastName: 'van den Berg',
      birthDate: '2007-03-04',
      email: EMAIL,
    })
    expect(student.status).toBe(201)
    const studentId = student.data!.id
    expect((await admin.call('POST', '/invitations', { studentIds: [studentId], by: 'mail' })).status).toBe(202)

    // She takes her account by the letter, on her phone.
    const letter = await mailed(EMAIL, '/claim#')
    const { page, complaints } = await openPage(browser, 'phone', 'light')
    await page.goto(/http:\S+\/claim#\S+/.exec(letter)![0])
    await page.getByLabel('Student number').fill('W-187101')
    await page.getByLabel(/^password/i).fill(HER.password)
    await page.getByRole('button', { name: 'Take my account' }).click()
    await page.getByRole('heading', { name: 'It is yours' }).waitFor()
    await signInAs(page, campus.url, HER)
    const her = await signIn(campus.url, HER)
    const phone = newBrowser()
    const subscription = { endpoint: `${push.url}/send/w`, keys: phone.keys }
    expect((await her.call('PUT', '/my/push-subscription', subscription)).status).toBe(200)

    // A draft is left and found again; what is wrong is said at its field.
    await page.getByRole('link', { name: 'Apply' }).first().click()
    await page.getByRole('button', { name: 'Apply for a pass' }).click()
    await page.getByLabel('Student number').fill('W-18710')
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.reload()
    expect(await page.getByLabel('Student number').inputValue()).toBe('W-18710')
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.getByText('Date of birth: is needed', { exact: true }).waitFor()
    await seen(page, 'apply-mistake')
    await page.getByLabel('Student number').fill('W-187101')
    await page.getByLabel('Date of birth').fill('2007-03-04')
    await page.getByLabel('Photograph of your face (optional)').setInputFiles({
      name: 'me.jpg',
      mimeType: 'image/jpeg',
      buffer: await halves(900, 1200).jpeg().toBuffer(),
    })
    await page.getByText('me.jpg').waitFor()
    await page.getByRole('button', { name: 'Submit' }).click()

    // The paper is missing: that is the one thing that comes back without a reviewer.
    await page.getByText('Proof of enrolment: is missing.').first().waitFor({ timeout: 30_000 })
    await seen(page, 'apply-documents')
    expect(await mailed(EMAIL, 'Proof of enrolment')).toContain('/apply/')
    expect(await mailed(campus.account('school_admin').email, 'Wilhelmina van den Berg')).toContain('/applications/')
    await page
      .getByLabel('Proof of enrolment', { exact: true })
      .setInputFiles({ name: 'letter of admission.pdf', mimeType: 'application/pdf', buffer: PAPER })
    await page.getByText('letter of admission.pdf').waitFor()
    await page.getByLabel('Valid until').fill('2036-08-31')
    await page.getByRole('button', { name: 'Hand in' }).click()
    await page.getByText('Documents handed in').waitFor()
    await seen(page, 'apply-handed-in')

    // Somebody of the school looks at what was found, reads the paper and decides.
    const desk = await openPage(browser, 'desktop', 'light')
    await signInAs(desk.page, campus.url, campus.account('school_admin'))
    await desk.page.goto(`${campus.url}/applications`)
    await desk.page.getByText('van den Berg').first().waitFor()
    await seen(desk.page, 'applications')
    await desk.page
      .getByRole('link', { name: /van den Berg/ })
      .first()
      .click()
    await expect.poll(() => desk.page.getByText('Nothing found').count(), { timeout: 30_000 }).toBe(4)
    await seen(desk.page, 'application')
    const [paper] = await Promise.all([
      desk.page.waitForEvent('download'),
      desk.page.getByRole('button', { name: 'letter of admission.pdf' }).click(),
    ])
    expect(await bytesOf(paper)).toEqual(PAPER)
    await desk.page.getByRole('button', { name: 'Take it' }).click()
    await desk.page.getByText('Taken into review').waitFor()
    await desk.page.getByRole('button', { name: 'Approve' }).click()
    await desk.page.getByRole('link', { name: 'The pass that was issued' }).waitFor()
    await desk.page.setViewportSize(SIZES.phone)
    await desk.page.emulateMedia({ colorScheme: 'dark' })
    await seen(desk.page, 'application-phone-dark')

    // She is told by mail and on her phone; the school's program is told too.
    await mailed(EMAIL, 'was approved')
    expect(await mailed(EMAIL, 'is valid until')).toContain('/my')
    const { publicKey } = (await her.call<{ publicKey: string }>('GET', '/my/push-key')).data!
    const pushed = () => push.requests.map(({ body }) => (JSON.parse(phone.read(body)) as { title: string }).title)
    await expect
      .poll(pushed, { timeout: 30_000 })
      .toEqual(expect.arrayContaining([expect.stringMatching(/^Pass \d+ is ready$/)]))
    expect(vapidAudience(push.requests[0]!.headers.authorization!, publicKey)).toBe(push.url)
    const hooked = () => hook.requests.map(({ body }) => (JSON.parse(body.toString()) as { type: string }).type)
    await expect
      .poll(() => hooked().toSorted(), { timeout: 30_000 })
      .toEqual([...wanted, 'application_submitted'].toSorted())
    for (const request of hook.requests) expect(request.headers['webhook-signature']).toBe(signatureOf(request, secret))

    // Her phone shows a code, and the gate lets her in.
    const feed = await watch(campus.url, await signIn(campus.url, campus.account('security')))
    const listVersion = async () =>
      (await admin.call<Gate[]>('GET', '/gates')).data!.find(({ shortName }) => shortName === 'south')!.listVersion ?? 0
    const before = await listVersion()
    await page.goto(`${campus.url}/my`)
    await page.getByRole('button', { name: 'Bind this phone' }).click()
    await page.getByRole('img', { name: /^Code of pass/ }).waitFor()
    await expect.poll(listVersion, { timeout: 30_000 }).toBeGreaterThan(before)
    const [pass] = (await her.call<MyPass[]>('GET', '/my/passes')).data!
    await admin.call('POST', '/demo/present', { gate: 'south', qr: await readScreen(page) })
    expect(await feed.line(one => one.passId === pass!.passId)).toMatchObject({
      kind: 'granted',
      refusal: null,
      holder: { name: 'Wilhelmina van den Berg' },
    })
    await feed.end()
    expect([...complaints, ...desk.complaints]).toEqual([])
  })
})

/** What a mail says in text: quoted-printable and base64 undone. */
function textOf(raw: string): string {
  const parts = raw.split(/^--\S+$/m)
  return parts
    .map(part => {
      const body = part.slice(part.search(/\r?\n\r?\n/)).trim()
      if (/content-transfer-encoding: base64/i.test(part)) return Buffer.from(body, 'base64').toString()
      const bytes = body
        .replace(/=\r?\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      return /quoted-printable/i.test(part) ? Buffer.from(bytes, 'latin1').toString() : body
    })
    .join('\n')
}

/** As Standard Webhooks say. */
function signatureOf({ headers, body }: Receiver['requests'][number], secret: string): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}

async function bytesOf(download: { createReadStream(): Promise<AsyncIterable<Buffer>> }): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
