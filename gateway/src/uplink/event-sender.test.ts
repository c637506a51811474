import { join } from 'node:path'
import { ACK_TYP, BATCH_BYTES_MAX, BATCH_EVENTS_MAX } from '@gatehouse/shared/events/batch.ts'
import type { ChainedEvent } from '@gatehouse/shared/events/record.ts'
import { describe, expect, test } from 'vitest'
import { trustIn } from '../list/trust.ts'
import { openJournal } from '../store/journal.ts'
import { eventFacts } from '../testing/event-facts.ts'
import { handClock } from '../testing/hand-clock.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { fitting } from './batch.ts'
import { eventSender } from './event-sender.ts'

const school = testSchool()
const gate = 'gate-north-1'
const settled = () => new Promise(resolve => setImmediate(resolve))

async function sending(events: number) {
  const journal = openJournal({ path: join(await tempFolder(), 'journal.db'), gate })
  for (let event = 0; event < events; event++) journal.append(eventFacts())
  const clock = handClock()
  const sent: string[] = []
  const sender = eventSender({
    gate,
    journal,
    trust: trustIn(school.trust),
    // What is signed is shown by its sequences.
    sign: async events => `${events[0]!.record.sequence}-${events.at(-1)!.record.sequence}`,
    clock,
    random: () => 1,
    log: memoryLog(),
    acknowledged() {},
  })
  const connect = () =>
    sender.connect(async batch => {
      sent.push(batch)
    })
  const hashOf = (sequence: number) => journal.after(sequence - 1, 1)[0]!.hash
  const ack = async (sequence: number) =>
    sender.heard(await school.seal(ACK_TYP, 'ack', { gate, sequence, hash: hashOf(sequence) }))
  return { journal, clock, sent, sender, connect, ack }
}

describe('sending events', () => {
  test('at most two batches are ahead of the acknowledgement', async () => {
    const { sent, connect, ack } = await sending(1_000)
    connect()
    await settled()
    expect(sent).toEqual(['1-250', '251-500'])
    await ack(250)
    await settled()
    expect(sent.slice(2)).toEqual(['501-750'])
  })

  test('one acknowledgement may be for both', async () => {
    const { sent, connect, ack, journal } = await sending(600)
    connect()
    await settled()
    await ack(500)
    await settled()
    expect(sent).toEqual(['1-250', '251-500', '501-600'])
    expect(journal.acknowledged()).toBe(500)
  })

  test('without an acknowledgement everything is sent again, after pauses that grow', async () => {
    const { clock, sent, connect } = await sending(3)
    connect()
    for (const pauseMs of [5_000, 10_000, 20_000]) {
      await settled()
      const before = sent.length
      clock.advance(pauseMs - 1)
      await settled()
      expect(sent).toHaveLength(before)
      clock.advance(1)
      await settled()
      expect(sent).toHaveLength(before + 1)
    }
    expect(new Set(sent)).toEqual(new Set(['1-3']))
  })

  test('a new line begins with the first event that is not acknowledged', async () => {
    const { sent, sender, connect, ack } = await sending(3)
    connect()
    await settled()
    await ack(2)
    sender.connect(null)
    connect()
    await settled()
    expect(sent).toEqual(['1-3', '3-3'])
  })

  test('an event is sent at once when nothing is before it', async () => {
    const { journal, sent, sender, connect } = await sending(0)
    connect()
    await settled()
    journal.append(eventFacts())
    sender.wake()
    await settled()
    expect(sent).toEqual(['1-1'])
  })
})

describe('a batch', () => {
  const event = (note: string): ChainedEvent => ({
    previous: '0'.repeat(64),
    hash: '0'.repeat(64),
    record: { ...eventFacts({ details: { note } }), gate, sequence: 1 },
  })

  test('has at most as many events as are allowed', () => {
    expect(fitting(Array.from({ length: 400 }, () => event('')))).toHaveLength(BATCH_EVENTS_MAX)
  })

  test('stays within its bytes, counted as they are sent', () => {
    const events = fitting(Array.from({ length: 250 }, () => event('é'.repeat(400))))
    expect(events.length).toBeLessThan(250)
    const tenant = 't'.repeat(36)
    expect(Buffer.byteLength(JSON.stringify({ gate, tenant, events }))).toBeLessThanOrEqual(BATCH_BYTES_MAX)
  })
})
