import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Sample } from '@gatehouse/shared/wiegand/sample.ts'
import { readGate } from '../config.ts'
import { hardwareOf } from '../configuration/kept-configuration.ts'
import { unknownCardsOf } from '../store/unknown-cards.ts'
import { learnAtReader } from './learn-at-reader.ts'
import { cannot } from './usage.ts'

/** Cards that may have come since a person last typed a number. */
const NEWEST = 50

/** Holds a person's cards against the journal of a gate that runs: it is read, and nothing is changed. */
export async function learnAtGate({
  config: path,
  reader,
  lane,
}: {
  readonly config: string
  readonly reader: string
  readonly lane: string | undefined
}): Promise<Sample[]> {
  const gate = readGate(path)
  if (!gate.ok) throw cannot(gate.failure)
  const config = { ...gate.value.config, ...hardwareOf(gate.value.config) }
  const places = config.lanes.flatMap(({ lane: name, readers }) =>
    readers.map(({ id }) => ({ lane: name, reader: id })),
  )
  const found = places.filter(place => place.reader === reader && (lane === undefined || place.lane === lane))
  const [place, another] = found
  if (place === undefined)
    throw cannot(
      `There is no such reader. There is: ${places.map(each => `${each.reader} of lane ${each.lane}`).join(', ')}.`,
    )
  if (another !== undefined)
    throw cannot(`Lanes ${found.map(each => each.lane).join(' and ')} have a reader ${reader}: give --lane.`)

  const lines = createInterface({ input: process.stdin })
  try {
    return await learnAtReader({
      newest: () =>
        unknownCardsOf(join(config.data, 'journal.db'), NEWEST).filter(
          seen => seen.lane === place.lane && seen.reader === place.reader,
        ),
      lines,
      // What was learnt goes to the standard output, for a program to read.
      say: sentence => process.stderr.write(`${sentence}\n`),
    })
  } finally {
    lines.close()
  }
}
