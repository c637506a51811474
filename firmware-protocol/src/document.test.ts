import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REFUSALS } from './messages.ts'
import { messageTables } from './testing/message-tables.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const document = read('docs/door-protocol.md')

test('the document for whoever writes the firmware has the tables of the program', () => {
  expect(document).toContain(messageTables())
})

test('and every golden frame', () => {
  const { frames } = JSON.parse(read('shared/vectors/door-protocol.json')) as {
    frames: { name: string; frame: string }[]
  }
  for (const { name, frame } of frames) expect(document).toContain(`| ${name} | \`${frame}\` |`)
})

test('and every refusal', () => {
  for (const [name, code] of Object.entries(REFUSALS)) expect(document).toContain(`| ${code} | ${name} |`)
})
