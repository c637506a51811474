import { AsyncLocalStorage } from 'node:async_hooks'

/** Whether the request in hand told the audit log something: asked by the check that every change and every look does. */
const notes = new AsyncLocalStorage<{ noted: boolean }>()

/** Runs `work`, and says whether it noted. */
export async function noting<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; noted: boolean }> {
  const note = { noted: false }
  const answer = await notes.run(note, work)
  return { answer, noted: note.noted }
}

/** Said by whoever writes the log. */
export function noted(): void {
  const note = notes.getStore()
  if (note !== undefined) note.noted = true
}

/** Said where what was asked for is so already: there is nothing to tell. */
export const nothingChanged = noted
