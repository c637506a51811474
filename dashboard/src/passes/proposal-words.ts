import type { DEFAULT_GROUNDS } from '@gatehouse/shared/wire/api/passes.ts'

const WORDS: Record<(typeof DEFAULT_GROUNDS)[number], string> = {
  kind_and_department: 'The default of this kind in the student’s department',
  department: 'The default of the student’s department',
  kind: 'The default of this kind of pass',
  school: 'The default of the school',
}

/** Why a level is proposed. */
export function groundWords(because: (typeof DEFAULT_GROUNDS)[number]): string {
  return WORDS[because]
}
