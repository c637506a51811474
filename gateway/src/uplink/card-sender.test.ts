import { expect, test } from 'vitest'
import { handClock } from '../testing/hand-clock.ts'
import { memoryLog } from '../testing/memory-log.ts'
import { cardSender } from './card-sender.ts'

function sender() {
  const clock = handClock()
  const stop = new AbortController()
  return { clock, stop, ...cardSender({ clock, log: memoryLog(), stopped: stop.signal }) }
}

/** A line, with what was handed to it; it keeps its word when told. */
function line() {
  const heard: string[] = []
  const settle: { readonly done: () => void; readonly lost: (why: Error) => void }[] = []
  const publish = (payload: string) =>
    new Promise<void>((done, lost) => {
      heard.push(payload)
      settle.push({ done, lost })
    })
  return { heard, settle, publish }
}
/** Lets every promise that is settled be seen. */
const turn = () => new Promise(resolve => setImmediate(resolve))

test('goes at once where there is a line, and once', async () => {
  const { send, connect } = sender()
  const [first, second] = [line(), line()]
  connect(first.publish)
  send('card', 120_000)
  expect(first.heard).toEqual(['card'])
  first.settle[0]!.done()
  await turn()
  connect(null)
  connect(second.publish)
  expect(second.heard).toEqual([])
})

test('a card behind another does not have that one sent again', () => {
  const { send, connect } = sender()
  const { heard, publish } = line()
  connect(publish)
  send('first', 120_000)
  send('second', 120_000)
  expect(heard).toEqual(['first', 'second'])
})

test('what the broker did not take goes again on the next line', async () => {
  const { send, connect } = sender()
  const [first, second] = [line(), line()]
  connect(first.publish)
  send('card', 120_000)
  first.settle[0]!.lost(new Error('the line is gone'))
  await turn()
  connect(null)
  connect(second.publish)
  expect([first.heard, second.heard]).toEqual([['card'], ['card']])
})

test('waits for a line until its time is over, and is forgotten then', async () => {
  const { clock, send, connect } = sender()
  send('old', 120_000)
  send('new', 150_000)
  clock.advance(120_000)
  await turn()
  const { heard, publish } = line()
  connect(publish)
  expect(heard).toEqual(['new'])
})

test('sixteen wait at most, and the oldest goes', () => {
  const { send, connect } = sender()
  for (let card = 1; card <= 17; card++) send(String(card), 120_000)
  const { heard, publish } = line()
  connect(publish)
  expect([heard.length, heard[0], heard.at(-1)]).toEqual([16, '2', '17'])
})
