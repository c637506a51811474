import { dictionary } from '@zxcvbn-ts/language-common'

let list: ReadonlySet<string> | undefined

/** Passwords that everybody who guesses tries first, in lower case. Read when the first one is asked about. */
export function commonPasswords(): ReadonlySet<string> {
  list ??= new Set(dictionary['passwords-common'].map(password => password.normalize('NFKC').toLowerCase()))
  return list
}
