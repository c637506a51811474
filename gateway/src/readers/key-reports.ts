/** Bits of the first byte of a boot report (USB HID 1.11, appendix B.1). */
export const SHIFT = 0x22
export const CONTROL = 0x11
export const LEFT_ALT = 0x04
export const RIGHT_ALT = 0x40
export const GUI = 0x88

/** Modifiers, a reserved byte and six keys; in front of them the id of a device that numbers its reports. */
const REPORT_BYTES = 8
const KEYS_AT = 2

/** Usages below this are no keys: nothing, too many keys at once, and two kinds of faults. */
const FIRST_KEY = 0x04

export type KeyPress = { readonly usage: number; readonly modifiers: number }

/**
 * The keys that each report newly shows as pressed, with the modifiers of the same report; null for a report that is not of a
 * keyboard.
 *
 * A scanner may press one key after the other without a report in between that shows none; between two equal ones it
 * has to release. A report in which every key is an error says nothing about keys, and is passed over.
 */
export function keyPresses(): (report: Uint8Array) => readonly KeyPress[] | null {
  let before: ReadonlySet<number> = new Set()
  return report => {
    const at = report.length - REPORT_BYTES
    if (at !== 0 && at !== 1) return null
    const slots = report.subarray(at + KEYS_AT)
    if (slots.some(usage => usage > 0 && usage < FIRST_KEY)) return []
    const now = new Set(slots.filter(usage => usage >= FIRST_KEY))
    const pressed = [...now].filter(usage => !before.has(usage))
    before = now
    return pressed.map(usage => ({ usage, modifiers: report[at]! }))
  }
}
