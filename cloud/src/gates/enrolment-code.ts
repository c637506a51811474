import { randomInt } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U, so that nothing read aloud is something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE_CHARACTERS = 12
/** These find the code; the other eight, 40 bits, are the secret. */
const SELECTOR_CHARACTERS = 4

export type EnrolmentCode = { readonly selector: string; readonly secret: string }

export function newEnrolmentCode(): EnrolmentCode {
  const code = Array.from({ length: CODE_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return split(code)
}

/** As people read it aloud: three groups of four. */
export function spoken({ selector, secret }: EnrolmentCode): string {
  return `${selector}-${secret.slice(0, 4)}-${secret.slice(4)}`
}

/** A code as people type it: any case, hyphens or spaces, O for 0 and I or L for 1. Null: that is no code. */
export function readEnrolmentCode(typed: string): EnrolmentCode | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  return code.length === CODE_CHARACTERS && [...code].every(one => ALPHABET.includes(one)) ? split(code) : null
}

function split(code: string): EnrolmentCode {
  return { selector: code.slice(0, SELECTOR_CHARACTERS), secret: code.slice(SELECTOR_CHARACTERS) }
}
