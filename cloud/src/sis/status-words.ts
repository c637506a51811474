import { fold } from '../students/fold.ts'
import type { StudentStatus } from '../students/tables.ts'

/** The usual words, in English, in Dutch, and of OneRoster (`status` and `enabledUser`). */
const WORDS: Readonly<Record<StudentStatus, readonly string[]>> = {
  active: ['active', 'enrolled', 'current', 'yes', 'true', '1', 'actief', 'ingeschreven', 'ja'],
  inactive: [
    'inactive',
    'left',
    'withdrawn',
    'no',
    'false',
    '0',
    'tobedeleted',
    'inactief',
    'uitgeschreven',
    'vertrokken',
    'nee',
  ],
  graduated: ['graduated', 'alumnus', 'alumni', 'graduate', 'completed', 'afgestudeerd', 'gediplomeerd', 'geslaagd'],
  suspended: ['suspended', 'on hold', 'geschorst'],
}

const USUAL = new Map(
  (Object.keys(WORDS) as StudentStatus[]).flatMap(status => WORDS[status].map(word => [word, status] as const)),
)

/** The status a word of the file stands for; what the school says of its own words comes first. */
export function statusOf(word: string, own: Readonly<Record<string, StudentStatus>>): StudentStatus | undefined {
  const folded = fold(word)
  const told = Object.entries(own).find(([each]) => fold(each) === folded)
  return told?.[1] ?? USUAL.get(folded)
}
