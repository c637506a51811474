/**
 * What the keys of a keyboard stand for, in the layouts that a scanner can be set to (USB HID Usage Tables, page 07;
 * ISO/IEC 9995 positions). Characters are in the order of the usages: 04-1D letters, 1E-27 digits, 2D-38, 64. A space:
 * nothing.
 */
const USAGES = [...range(0x04, 0x1d), ...range(0x1e, 0x27), ...range(0x2d, 0x38), 0x64]

/** Keypad: 54-57, 59-61, 62, 63. */
const KEYPAD = [...range(0x54, 0x57), ...range(0x59, 0x63)]
export const KEYPAD_DIGITS: readonly number[] = range(0x59, 0x62)

type Rows = {
  readonly plain: string
  readonly shift: string
  readonly altGr: string
  readonly keypad: string
  /** Accents that wait for the next key; a space after one gives it by itself. */
  readonly dead: string
}

/** What each key types with no modifier, with shift and with AltGr. */
export type KeyLayout = {
  readonly plain: ReadonlyMap<number, string>
  readonly shift: ReadonlyMap<number, string>
  readonly altGr: ReadonlyMap<number, string>
  readonly dead: ReadonlySet<string>
}

const QWERTY = 'abcdefghijklmnopqrstuvwxyz'
const QWERTZ = 'abcdefghijklmnopqrstuvwxzy'
const AZERTY = 'qbcdefghijkl,noparstuvzxyw'
const NO_LETTERS = ' '.repeat(26)
const POINT = '/*-+1234567890.'
const COMMA = '/*-+1234567890,'

const ROWS = {
  us: {
    plain: `${QWERTY}1234567890-=[]\\\\;'\`,./\\`,
    shift: `${QWERTY.toUpperCase()}!@#$%^&*()_+{}||:"~<>?|`,
    altGr: '',
    keypad: POINT,
    dead: '',
  },
  uk: {
    plain: `${QWERTY}1234567890-=[]##;'\`,./\\`,
    shift: `${QWERTY.toUpperCase()}!"£$%^&*()_+{}~~:@¬<>?|`,
    altGr: `${NO_LETTERS}   €        ¦`.replace('¦', '   ').concat('¦'),
    keypad: POINT,
    dead: '',
  },
  de: {
    plain: `${QWERTZ}1234567890ß´ü+##öä^,.-<`,
    shift: `${QWERTZ.toUpperCase()}!"§$%&/()=?\`Ü*''ÖÄ°;:_>`,
    altGr: `    €       µ   @         ${' ²³   {[]}\\  ~        |'}`,
    keypad: COMMA,
    dead: '´`^',
  },
  fr: {
    plain: `${AZERTY}&é"'(-è_çà)=^$**mù²;:!<`,
    shift: `${AZERTY.toUpperCase().replace(',', '?')}1234567890°+¨£µµM% ./§>`,
    altGr: `    €                     ${' ~#{[|`\\^@]} ¤         '}`,
    keypad: POINT,
    dead: '^¨',
  },
} satisfies Record<string, Rows>

export const KEY_LAYOUTS = {
  us: layoutOf(ROWS.us),
  uk: layoutOf(ROWS.uk),
  de: layoutOf(ROWS.de),
  fr: layoutOf(ROWS.fr),
} as const
export type KeyLayoutName = keyof typeof KEY_LAYOUTS
