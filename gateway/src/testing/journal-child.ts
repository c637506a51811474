import { setImmediate as turn } from 'node:timers/promises'
import { openJournal } from '../store/journal.ts'
import { eventFacts } from './event-facts.ts'

/** Writes events into the journal at argv[2] and tells each sequence, until it is killed. */
const [, , path, gate] = process.argv as [string, string, string, string]
const journal = openJournal({ path, gate })
while (true) {
  const event = journal.append(eventFacts())
  if (event.ok) process.send?.(event.value.record.sequence)
  await turn()
}
