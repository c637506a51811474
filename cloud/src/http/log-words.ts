const TEXT_MAX = 2_000
const LIST_MAX = 100
const DEPTH_MAX = 4

/** What stands under these names is never written, wherever they stand. Of two words in one the last decides: `cardBits`. */
const SECRET = [
  ...['password', 'passphrase', 'secret', 'token', 'authorization', 'cookie', 'key', 'code', 'pin', 'credential'],
  ...['bits', 'qr', 'card', 'body', 'email', 'phone', 'birth'],
  ...['firstname', 'lastname', 'displayname', 'fullname', 'holder'],
]
const secretName = new RegExp(`(?:${SECRET.join('|')})(?:s|hash)?$`, 'i')

/** What is a secret or a person's by its look, in whatever sentence it stands: a mail server repeats an address, a library a URL. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@]{1,300}@/gi, '$1[login]@'],
  [/[^\s<>"'(),:;@/[\]]{1,64}@[\p{L}\p{N}.-]{1,253}/gu, '[e-mail]'],
  [/\b(bearer|basic)\s+\S+/gi, '$1 [token]'],
  [/\beyJ[\w-]{4,}\.[\w-]*(?:\.[\w-]*)?/g, '[token]'],
  [/[\w+-]{40,}={0,2}/g, '[long]'],
  // Cards, phones, PINs and passes are digits; ports, figures and years are shorter.
  [/(?<![\w.-])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ -]?\d){7,}(?![\w-])/g, '[number]'],
]

/** A text without what must not be in a log, and never longer than a screen. */
export function cleanText(text: string): string {
  const short = text.slice(0, TEXT_MAX)
  return SECRET_TEXTS.reduce((cleaned, [look, instead]) => cleaned.replaceAll(look, instead), short)
}

/** Fields without what must not be in a log, by their names and by their looks. */
export function cleanFields(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (ArrayBuffer.isView(value)) return '[bytes]'
  if (depth >= DEPTH_MAX) return '[deep]'
  if (Array.isArray(value)) return value.slice(0, LIST_MAX).map(one => cleanFields(one, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, LIST_MAX)
      .map(([name, one]) => [name, secretName.test(name) ? '[not logged]' : cleanFields(one, depth + 1)]),
  )
}
