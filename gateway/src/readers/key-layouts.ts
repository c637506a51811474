/**
 * What the keys of a keyboard stand for, in the layouts that a scanner can be set to (USB HID Usage Tables, page 07, and the
 * national layouts as printed). Characters are in the order of the usages 04-1D (letters), 1E-27 (digits), 2D-38, 64.
 * A space: nothing.
 */
const USAGES = [...range(0x04, 0x1d), ...range(0x1e, 0x27), ...range(0x2d, 0x38), 0x64]

/** Of the keypad, in its order: `/*-+`, 1 to 9, 0, and the decimal point. Its Enter is 58. */
const KEYPAD_USAGES = [...range(0x54, 0x57), ...range(0x59, 0x63)]

const SPACE = 0x2c

/** `dead`: accents that wait for the next key; a space after one gives it by itself. */
type Rows = Readonly<Record<'plain' | 'shift' | 'altGr' | 'keypad' | 'dead', string>>

const QWERTY = 'abcdefghijklmnopqrstuvwxyz'
const QWERTZ = 'abcdefghijklmnopqrstuvwxzy'
const AZERTY = 'qbcdefghijkl,noparstuvzxyw'

const US: Rows = {
  plain: `${QWERTY}1234567890-=[]\\\\;'\`,./\\`,
  shift: `${QWERTY.toUpperCase()}!@#$%^&*()_+{}||:"~<>?|`,
  altGr: '',
  keypad: '/*-+1234567890.',
  dead: '',
}

const UK: Rows = {
  plain: `${QWERTY}1234567890-=[]##;'\`,./\\`,
  shift: `${QWERTY.toUpperCase()}!"£$%^&*()_+{}~~:@¬<>?|`,
  altGr: '                             €              ¦    ',
  keypad: '/*-+1234567890.',
  dead: '',
}

const DE: Rows = {
  plain: `${QWERTZ}1234567890ß´ü+##öä^,.-<`,
  shift: `${QWERTZ.toUpperCase()}!"§$%&/()=?\`Ü*''ÖÄ°;:_>`,
  altGr: '    €       µ   @          ²³   {[]}\\  ~        |',
  keypad: '/*-+1234567890,',
  dead: '´`^',
}

const FR: Rows = {
  plain: `${AZERTY}&é"'(-è_çà)=^$**mù²;:!<`,
  shift: `${AZERTY.toUpperCase().replace(',', '?')}1234567890°+¨£µµM% ./§>`,
  altGr: '    €                      ~#{[|`\\^@]} ¤         ',
  keypad: '/*-+1234567890.',
  dead: '^¨~`',
}

/** What each key types with no modifier, with shift and with AltGr. */
export type KeyLayout = {
  readonly plain: ReadonlyMap<number, string>
  readonly shift: ReadonlyMap<number, string>
  readonly altGr: ReadonlyMap<number, string>
  readonly dead: ReadonlySet<string>
}

export const KEY_LAYOUTS = { us: layoutOf(US), uk: layoutOf(UK), de: layoutOf(DE), fr: layoutOf(FR) } as const
export type KeyLayoutName = keyof typeof KEY_LAYOUTS

function layoutOf({ plain, shift, altGr, keypad, dead }: Rows): KeyLayout {
  const always = [...keyed(KEYPAD_USAGES, keypad), [SPACE, ' '] as const]
  return {
    plain: new Map([...keyed(USAGES, plain), ...always]),
    shift: new Map([...keyed(USAGES, shift), ...always]),
    altGr: new Map(keyed(USAGES, altGr)),
    dead: new Set(dead),
  }
}

function keyed(usages: readonly number[], characters: string): (readonly [number, string])[] {
  return usages.flatMap((usage, at) => {
    const character = characters[at] ?? ' '
    return character === ' ' ? [] : [[usage, character] as const]
  })
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}
