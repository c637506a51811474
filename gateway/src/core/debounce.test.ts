import { expect, test } from 'vitest'
import { type Contact, debounce } from './debounce.ts'

type Sight = readonly [atMs: number, seen: 0 | 1]

test.each([
  ['the first sight is believed', [[0, 1]], 1],
  [
    'a change is not believed at once',
    [
      [0, 0],
      [50, 1],
    ],
    0,
  ],
  [
    'nor a millisecond too early',
    [
      [0, 0],
      [50, 1],
      [79, 1],
    ],
    0,
  ],
  [
    'but after 30 ms',
    [
      [0, 0],
      [50, 1],
      [80, 1],
    ],
    1,
  ],
  [
    'a bounce begins anew',
    [
      [0, 0],
      [50, 1],
      [60, 0],
      [70, 1],
      [99, 1],
    ],
    0,
  ],
  [
    'and is believed 30 ms after its last',
    [
      [0, 0],
      [50, 1],
      [60, 0],
      [70, 1],
      [100, 1],
    ],
    1,
  ],
  [
    'a spike leaves everything as it was',
    [
      [0, 1],
      [50, 0],
      [51, 1],
      [200, 1],
    ],
    1,
  ],
  [
    'polled every 50 ms, two sights are enough',
    [
      [0, 1],
      [50, 0],
      [100, 0],
    ],
    0,
  ],
] satisfies [string, Sight[], 0 | 1][])('%s', (_name, sights, closed) => {
  let contact: Contact | null = null
  for (const [atMs, seen] of sights) contact = debounce(contact, seen === 1, atMs)
  expect(contact!.closed).toBe(closed === 1)
})
