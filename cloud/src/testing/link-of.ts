import type { Letter } from '../auth/letters.ts'

/** Where a letter leads; throws where it leads nowhere. */
export function linkOf(letter: Letter): string {
  if (letter.template !== 'password_reset') throw new Error(`${letter.template} has no link`)
  return letter.values.link
}
