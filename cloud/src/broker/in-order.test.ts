import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

test('work of one key runs in order, though the first takes longer', async () => {
  const run = inOrder()
  const done: string[] = []
  const first = Promise.withResolvers<void>()
  const all = [
    run('north', async () => {
      await first.promise
      done.push('first')
    }),
    run('north', async () => void done.push('second')),
  ]
  await run('south', async () => void done.push('other'))
  first.resolve()
  await Promise.all(all)
  expect(done).toEqual(['other', 'first', 'second'])
})

test('work that fails is told to its caller and stops nothing behind it', async () => {
  const run = inOrder()
  const failing = run('north', () => Promise.reject(new Error('no')))
  const after = run('north', async () => {})
  await expect(failing).rejects.toThrow('no')
  await expect(after).resolves.toBeUndefined()
})
