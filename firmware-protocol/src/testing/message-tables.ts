import { offsetsOf } from '../message.ts'
import { type Layout, MESSAGES, type MessageName } from '../messages.ts'

/** The table of messages as docs/door-protocol.md has it. */
export function messageTables(): string {
  return (Object.entries(MESSAGES) as [MessageName, Layout][])
    .map(([name, { kind, op, fields }]) => {
      const head = `### ${name}: ${kind}, op ${op === null ? 'of the request' : `0x${op.toString(16).padStart(2, '0')}`}`
      const offsets = offsetsOf(name)
      const rows = Object.entries(fields).map(([key, { type, count, min, max, means }]) => {
        const of = count === 1 ? type : `${type}[${count}]`
        return `| ${offsets.get(key)} | ${of} | ${key} | ${min}..${max} | ${means} |`
      })
      return [head, '', '| offset | type | field | allowed | |', '|---|---|---|---|---|', ...rows].join('\n')
    })
    .join('\n\n')
}
