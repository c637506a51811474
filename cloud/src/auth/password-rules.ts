import { commonPasswords } from './common-passwords.ts'

export type WeakPassword = 'common' | 'like_email' | 'like_name' | 'like_school'

export type About = { readonly email: string; readonly displayName: string; readonly school: string | null }

/** Shorter ones are in many a good password by accident. */
const WORD_CHARS_MIN = 4

/** Why a password is too easily guessed; null: it is not. How long it must be is the contract's. */
export function weakness(password: string, { email, displayName, school }: About): WeakPassword | null {
  const plain = plainOf(password)
  if (commonPasswords().has(plain)) return 'common'
  const [name = '', domain = ''] = plainOf(email).split('@')
  if (isLike(plain, [plainOf(email), name, ...domain.split('.')])) return 'like_email'
  if (isLike(plain, [plainOf(displayName), ...plainOf(displayName).split(/\s+/)])) return 'like_name'
  if (school !== null && isLike(plain, [plainOf(school), ...plainOf(school).split(/\s+/)])) return 'like_school'
  return null
}

/** A word itself, with its blanks gone, twice, or with a few digits and marks around it: Hillside2026! is the school's name. */
function isLike(plain: string, words: readonly string[]): boolean {
  const bare = plain.replaceAll(/[^\p{L}]+/gu, '')
  return words
    .map(word => word.replaceAll(/[^\p{L}\p{N}]+/gu, ''))
    .filter(word => word.length >= WORD_CHARS_MIN)
    .some(word => {
      const letters = word.replaceAll(/[^\p{L}]+/gu, '')
      return plain === word || (letters.length >= WORD_CHARS_MIN && (bare === letters || bare === letters + letters))
    })
}

/** As it is compared: full-width letters, ligatures and capitals are no other password. What is hashed is what was typed. */
function plainOf(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}
