import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { find } from '../checks/programs.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export type Size = 'phone' | 'tablet' | 'desktop'
export const SIZES: Record<Size, { width: number; height: number }> = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1440, height: 900 },
}

/** Debian's Chromium, which asks nobody outside this machine for anything. */
export function openBrowser(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: find('chromium')!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
}

export type Looked = {
  readonly page: Page
  /** What the page complained of by itself: errors of scripts, refusals of the content policy. */
  readonly complaints: readonly string[]
}

export async function openPage(browser: Browser, size: Size, colorScheme: 'light' | 'dark'): Promise<Looked> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', problem => complaints.push(problem.message))
  page.on('console', message => {
    // A 404 that the page deals with is logged by the browser all the same.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  return { page, complaints }
}

export async function signInAs(
  page: Page,
  url: string,
  { email, password }: { email: string; password: string },
  /** What shows that somebody is in. */
  inside = page.getByRole('navigation').first(),
): Promise<void> {
  await page.goto(url)
  await page.getByLabel(/e-mail/i).fill(email)
  await page.getByLabel(/^password/i).fill(password)
  await page.getByRole('button', { name: /sign in/i }).click()
  await inside.waitFor()
}

/** Keeps what was seen in the folder that GATEHOUSE_PICTURES names, for the documents and for whoever wants to look. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.GATEHOUSE_PICTURES
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
}

type Axe = {
  run(options: {
    runOnly: string[]
  }): Promise<{ violations: { id: string; nodes: { target: unknown[]; failureSummary: string }[] }[] }>
}

/** What axe finds, WCAG 2.1 A and AA, a line each. The policy of the page lets no script in, so axe comes by the debugger. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const { axe: runner } = globalThis as unknown as { axe: Axe }
    const { violations } = await runner.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    })
    return violations.map(({ id, nodes }) => ({
      id,
      where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    }))
  })
  return found.map(({ id, where }) => `${id}: ${where.join(' | ')}`)
}
