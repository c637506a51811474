import type { ImportOutcome } from '@gatehouse/shared/wire/api/imports.ts'
import { expect, test } from 'vitest'
import { sayBeforeUndo } from './import-words.ts'

const NOTHING: ImportOutcome = {
  made: 0,
  changed: 0,
  archived: 0,
  passedOver: 0,
  terms: 0,
  passes: { revoked: 0, suspended: 0, givenBack: 0 },
}

test('what undoing an import does is said in numbers, and nothing of what is nought', () => {
  expect(sayBeforeUndo({ ...NOTHING, made: 1200, changed: 1, archived: 2 })).toBe(
    'This archives 1,200 students that it made, sets 1 student back to what they were and brings 2 students back from the archive.',
  )
  expect(sayBeforeUndo({ ...NOTHING, changed: 3 })).toBe('This sets 3 students back to what they were.')
  expect(sayBeforeUndo(NOTHING)).toBe('There is nothing to set back.')
})
