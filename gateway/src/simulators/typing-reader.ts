import { fail, ok } from '@gatehouse/shared/result.ts'
import { KEY_LAYOUTS, type KeyLayout } from '../readers/key-layouts.ts'
import { type KeyPress, RIGHT_ALT } from '../readers/key-reports.ts'
import type { WedgeNeeds } from '../readers/wedge.ts'
import type { FarEnd, ReaderDevice } from './device.ts'

const LEFT_SHIFT = 0x02
const ENTER: KeyPress = { usage: 0x28, modifiers: 0 }
const SPACE: KeyPress = { usage: 0x2c, modifiers: 0 }
/** Of a QR code (ISO/IEC 15424). */
const AIM_ID = ']Q1'

export function keyReport({ usage, modifiers }: KeyPress): Uint8Array {
  return Uint8Array.of(modifiers, 0, usage, 0, 0, 0, 0, 0)
}

const RELEASED = keyReport({ usage: 0, modifiers: 0 })

/** The keys for a text on a keyboard of a layout; null where it has not all of the characters. */
export function keysFor(text: string, layout: KeyLayout): KeyPress[] | null {
  const rows = [
    { row: layout.plain, modifiers: 0 },
    { row: layout.shift, modifiers: LEFT_SHIFT },
    { row: layout.altGr, modifiers: RIGHT_ALT },
  ]
  const keys = [...text].map(character => {
    for (const { row, modifiers } of rows)
      for (const [usage, typed] of row)
        if (typed === character)
          return layout.dead.has(character) ? [{ usage, modifiers }, SPACE] : [{ usage, modifiers }]
    return null
  })
  return keys.includes(null) ? null : keys.flatMap(key => key ?? [])
}

/** A scanner or card reader that is a keyboard: types what is held to it, as it is set, and Enter. */
export function typingDevice({ layout, prefix, aimId }: WedgeNeeds, { send }: FarEnd): ReaderDevice {
  return {
    receive() {},
    present({ qr, card }) {
      const text = qr ?? card ?? ''
      const keys = keysFor(`${prefix}${aimId ? AIM_ID : ''}${text}`, KEY_LAYOUTS[layout])
      if (text === '' || keys === null) return fail('A keyboard types the characters that are on its keys.')
      const reports = [...keys, ENTER].flatMap(key => [keyReport(key), RELEASED])
      for (const report of reports) send(report)
      return ok(reports.length * RELEASED.length)
    },
  }
}
