import type { Request } from 'express'

/** From where somebody signs in. */
export type Place = {
  readonly address: string | null
  readonly userAgent: string | null
  /** SHA-256 of the browser's own cookie; null: a program, or a browser that is new here. */
  readonly deviceHash: string | null
}

export function placeOf(req: Request, { device }: { readonly device: { hash(req: Request): string | null } }): Place {
  return {
    address: req.ip?.slice(0, 64) ?? null,
    userAgent: req.get('user-agent')?.slice(0, 400) ?? null,
    deviceHash: device.hash(req),
  }
}

const BROWSERS: readonly [RegExp, string][] = [
  // Each says it is all the ones below it.
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const SYSTEMS: readonly [RegExp, string][] = [
  [/\b(?:iPhone|iPod)\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'a Mac'],
  [/\bLinux\b/, 'Linux'],
]

/** `Firefox on Windows`, for people to know their own sessions by; null: it says nothing that we know. */
export function deviceText(userAgent: string | null): string | null {
  if (userAgent === null) return null
  const among = (list: readonly [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1]
  const [browser, system] = [among(BROWSERS), among(SYSTEMS)]
  if (browser === undefined) return system ?? null
  return system === undefined ? browser : `${browser} on ${system}`
}
