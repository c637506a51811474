import type { Browser, Page } from 'playwright-core'
import { openBrowser, openPage, signInAs } from './browser.ts'
import { type Campus, clear, ground, startCampus, stop } from './campus-process.ts'
import { type Session, signIn } from './session.ts'

/** A campus of its own, and an administrator of its school: as a program, and before a page on a desktop. */
export type Office = AsyncDisposable & {
  readonly campus: Campus
  readonly browser: Browser
  readonly admin: Session
  readonly page: Page
  /** What the page complained of by itself. */
  readonly complaints: readonly string[]
}

export async function openOffice(): Promise<Office> {
  await using opening = new AsyncDisposableStack()
  const place = await ground()
  opening.defer(() => clear(place))
  const [campus, browser] = await Promise.all([startCampus(place), openBrowser()])
  opening.defer(async () => void (await stop(campus.process)))
  opening.defer(() => browser.close())
  const account = campus.account('school_admin')
  const admin = await signIn(campus.url, account)
  const looked = await openPage(browser, 'desktop', 'light')
  await signInAs(looked.page, campus.url, account)
  const opened = opening.move()
  return { campus, browser, admin, ...looked, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
