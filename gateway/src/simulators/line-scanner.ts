import { ascii, concat } from '@gatehouse/shared/bytes.ts'
import { fail, ok, type Result } from '@gatehouse/shared/result.ts'

const CR_LF = Uint8Array.of(0x0d, 0x0a)

/** What a scanner types for a code: the code and CR LF. A code with an end of line in it could not be told from two. */
export function codeLine(code: string): Result<Uint8Array, 'not_a_code'> {
  if (!/^[\x20-\x7e]{1,512}$/.test(code)) return fail('not_a_code')
  return ok(concat(ascii(code), CR_LF))
}
