import { type Decoded, type Decoder, listening } from './decoder.ts'
import { KEY_LAYOUTS, type KeyLayout, type KeyLayoutName } from './key-layouts.ts'
import { CONTROL, GUI, type KeyPress, keyPresses, LEFT_ALT, RIGHT_ALT, SHIFT } from './key-reports.ts'
import { type TypedTextNeeds, typedText } from './typed-text.ts'

/** Our longest code is 469 digits, an AIM id in front. The scanner will happily type 7 kB of anything. */
const CHARACTERS_MAX = 512

/** Enter, Tab, Enter of the keypad. */
const ENDS = new Set([0x28, 0x2b, 0x58])
/** With Ctrl: LF, CR and Tab. A scanner that is set to end with CR LF types Enter and Ctrl-J (node-hid issue 323). */
const CONTROL_ENDS = new Set(['j', 'm', 'i'])
/** Caps Lock, Scroll Lock, Num Lock: pressed around a code by scanners that look after a keyboard which is not there. */
const LOCKS = new Set([0x39, 0x47, 0x53])
const KEYPAD_FIRST = 0x54
const KEYPAD_LAST = 0x63

/** Silence that ends a text without a key for it: more than a scanner takes between two keys. */
const IDLE_MS = 60
/** And this much more, because reports that waited for a busy process are read only after the first moment was over. */
const GRACE_MS = 20

/**
 * `alt_keypad`: the scanner is set to type by Alt and keypad digits, a code page of which nobody knows. `unknown_key`: a
 * key that types nothing in this layout. `too_long`. `not_keys`: a report that is not of a keyboard.
 */
export type DroppedTyping = 'alt_keypad' | 'unknown_key' | 'too_long' | 'not_keys'

export type WedgeNeeds = TypedTextNeeds & { readonly layout: KeyLayoutName }

/**
 * A scanner or card reader that is a keyboard: boot reports of 8 bytes, or 9 with an id. A text ends with Enter, Tab or 80
 * ms of silence, and nothing between two ends is none. Caps Lock of the machine does not reach it, so case is what is typed. A text with one key in it
 * that cannot be read is dropped whole: without that character it could be another one's.
 */
export function wedgeDecoder({ layout, ...typed }: WedgeNeeds): Decoder {
  const meaning = typedText(typed)
  const keys = keyPresses()
  const { [layout]: characters } = KEY_LAYOUTS
  const text = typedKeys(characters)
  const isEnd = ({ usage, modifiers }: KeyPress) =>
    (modifiers & CONTROL) === 0 ? ENDS.has(usage) : CONTROL_ENDS.has(characters.plain.get(usage) ?? '')
  let idle: { readonly endsMs: number; readonly isGrace: boolean } | null = null

  const end = (): readonly Decoded[] => {
    idle = null
    const ended = text.end()
    if (ended.spoilt !== null) return [{ kind: 'dropped', why: ended.spoilt }]
    return ended.characters === '' ? [] : meaning(ended.characters)
  }
  const take = (report: Uint8Array, atMs: number): readonly Decoded[] => {
    const pressed = keys(report)
    if (pressed === null) return [{ kind: 'dropped', why: 'not_keys' satisfies DroppedTyping }]
    const found: Decoded[] = []
    for (const key of pressed) {
      if (isEnd(key)) found.push(...end())
      else {
        text.press(key)
        idle = { endsMs: atMs + IDLE_MS, isGrace: false }
      }
    }
    return found
  }
  return listening(take, {
    dueMs: () => idle?.endsMs ?? null,
    due(atMs) {
      if (idle === null || atMs < idle.endsMs) return []
      if (idle.isGrace) return end()
      idle = { endsMs: atMs + GRACE_MS, isGrace: true }
      return []
    },
  })
}

type Typed = { readonly spoilt: DroppedTyping | null; readonly characters: string }

/** The text of the keys since the last end, or why it is none. */
function typedKeys(layout: KeyLayout): { press(key: KeyPress): void; end(): Typed } {
  let characters = ''
  let accent = ''
  let spoilt: DroppedTyping | null = null
  const add = (character: string) => {
    if (layout.dead.has(character) && accent === '') accent = character
    else {
      characters += accent === '' ? character : accented(accent, character)
      accent = ''
    }
    if (characters.length > CHARACTERS_MAX) spoil('too_long')
  }
  const spoil = (why: DroppedTyping) => {
    spoilt ??= why
    characters = ''
  }
  return {
    press(key) {
      if (spoilt !== null || LOCKS.has(key.usage)) return
      const read = characterOf(key, layout)
      if (read.ok) add(read.character)
      else spoil(read.why)
    },
    end() {
      const ended = { spoilt, characters: characters + accent }
      characters = ''
      accent = ''
      spoilt = null
      return ended
    },
  }
}

type Read = { readonly ok: true; readonly character: string } | { readonly ok: false; readonly why: DroppedTyping }

function characterOf({ usage, modifiers }: KeyPress, layout: KeyLayout): Read {
  // AltGr is the right Alt, or Ctrl with Alt, as Windows takes it.
  const isAltGr = (modifiers & RIGHT_ALT) !== 0 || ((modifiers & CONTROL) !== 0 && (modifiers & LEFT_ALT) !== 0)
  if (!isAltGr && (modifiers & LEFT_ALT) !== 0)
    return { ok: false, why: usage >= KEYPAD_FIRST && usage <= KEYPAD_LAST ? 'alt_keypad' : 'unknown_key' }
  if ((modifiers & GUI) !== 0 || (!isAltGr && (modifiers & CONTROL) !== 0)) return { ok: false, why: 'unknown_key' }
  const row = isAltGr ? layout.altGr : (modifiers & SHIFT) !== 0 ? layout.shift : layout.plain
  const character = row.get(usage)
  return character === undefined ? { ok: false, why: 'unknown_key' } : { ok: true, character }
}

const COMBINING: Readonly<Record<string, string>> = {
  '´': '\u0301',
  '`': '\u0300',
  '^': '\u0302',
  '¨': '\u0308',
  '~': '\u0303',
}

/** `é` for an accent and `e`, the accent alone before a space, both where they make no letter. */
function accented(accent: string, character: string): string {
  if (character === ' ') return accent
  const letter = (character + COMBINING[accent]!).normalize('NFC')
  return letter.length === 1 ? letter : accent + character
}
