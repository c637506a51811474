import { ascii } from '@gatehouse/shared/bytes.ts'
import { fail, ok } from '@gatehouse/shared/result.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

/** A keypad: a byte a key, and `#` when somebody is done. */
export function keypadDevice(_config: unknown, { send }: FarEnd): ReaderDevice {
  return {
    receive() {},
    present({ pin = '' }) {
      if (!/^\d{1,16}$/.test(pin)) return fail('A PIN is 1 to 16 digits.')
      const keys = ascii(`${pin}#`)
      for (const key of keys) send(Uint8Array.of(key))
      return ok(keys.length)
    },
  }
}
