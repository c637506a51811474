import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runToEnd } from '../testing/program.ts'
import { testSchool } from '../testing/school.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const wiegand = (...args: readonly string[]) => runToEnd(['gateway', 'wiegand', ...args])
const learn = (...args: readonly string[]) => runToEnd(['gateway', 'learn', ...args])

const CARD = {
  format: 'h10301',
  facility: '123',
  number: '4567',
  bitCount: 26,
  binary: '10111101100010001110101110',
  hex: '2f623ae',
  leftJustified: 'bd88eb80',
  card: { technology: 'h10301', bitCount: 24, bits: '7b11d7' },
}

describe('gateway wiegand', () => {
  test('makes bits of numbers', async () => {
    const { out } = await wiegand('h10301', '--facility', '123', '--number', '4567', '--json')
    expect(JSON.parse(out)).toEqual(CARD)
  })

  test('and numbers of bits', async () => {
    const { out } = await wiegand('h10301', '--bits', 'BD88EB80/26')
    expect(out.split('\n').slice(0, 3)).toEqual([
      'format          h10301, 26 bits',
      'facility code   123',
      'card number     4567',
    ])
  })

  test('says which parity does not hold', async () => {
    expect(await wiegand('h10301', '--bits', 'BD88EB00')).toMatchObject({
      code: 1,
      err: 'The parity of bit 25 does not hold: this is no card of the format, or was misread.\n',
    })
  })

  test('and what numbers there are', async () => {
    expect(await wiegand('h10301', '--facility', '256', '--number', '1')).toMatchObject({
      code: 1,
      err: 'The facility code must be from 0 to 255.\n',
    })
  })

  describe('with a format from a file', () => {
    const format = {
      bits: 34,
      facility: { from: 1, to: 8 },
      number: { from: 9, to: 32 },
      parity: [
        { at: 0, kind: 'even', over: '0-16' },
        { at: 33, kind: 'odd', over: '17-33' },
      ],
    }

    test('knows its cards by all of their bits', async () => {
      const file = join(await tempFolder(), 'format.json')
      writeFileSync(file, JSON.stringify(format))
      const { out } = await wiegand('--format-file', file, '--facility', '101', '--number', '1337', '--json')
      expect(JSON.parse(out)).toMatchObject({
        leftJustified: '3280029cc0',
        card: { technology: 'raw', bitCount: 34, bits: '3280029cc0' },
      })
    })

    test('names its mistakes', async () => {
      const file = join(await tempFolder(), 'format.json')
      writeFileSync(file, JSON.stringify({ ...format, number: { from: 8, to: 32 } }))
      const { err } = await wiegand('--format-file', file, '--number', '1')
      expect(err).toContain('number: facility code and card number share bits')
    })
  })
})

describe('gateway learn', () => {
  const SAMPLES = ['BD88EB80/26=123:4567', 'BB032180/26=118:1603', 'F0029CC0/26=224:1337']

  test('tells the setting to write', async () => {
    const ended = await learn(...SAMPLES.flatMap(sample => ['--sample', sample]))
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(ended.out).toContain('One setting fits all cards. Write it into the reader:\n  "format": "h10301"\n')
  })

  test('ends with 1 where nothing fits, and says what came closest', async () => {
    const { code, out } = await learn('--json', ...[...SAMPLES, '3C00A700/26=1:1'].flatMap(one => ['--sample', one]))
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ kind: 'none', why: [expect.stringContaining('All cards but number 1:1')] })
  })

  test('says what is wrong with a sample', async () => {
    expect((await learn('--sample', 'BD88EB80/26')).err).toMatch(/^--sample BD88EB80\/26: must be bits\/count=/)
  })

  test('wants three cards', async () => {
    expect((await learn('--sample', SAMPLES[0]!)).err).toMatch(/^At least 3 different cards are needed/)
  })

  test('asks for cards at a reader of the gate', async () => {
    const folder = await tempFolder()
    const readers = [
      {
        family: 'twn3',
        id: 'prox',
        port: { kind: 'tcp', host: '127.0.0.1', port: 4001 },
        format: 'raw',
      },
    ]
    const door = { output: { board: 'board', channel: 1 } }
    const board = { family: 'lcus', id: 'board', port: { kind: 'tcp', host: '127.0.0.1', port: 4002 } }
    const lane = { lane: 'in', name: 'In', direction: 'in', groups: [0], readers, door }
    writeFileSync(join(folder, 'gate.json'), JSON.stringify({ boards: [board], lanes: [lane] }))
    writeFileSync(join(folder, 'identity.json'), JSON.stringify(testSchool().identity()))
    const config = join(folder, 'gate.json')
    // Nobody types anything: no card, so nothing to learn from.
    const ended = await learn('--config', config, '--reader', 'prox')
    expect(ended.err).toMatch(/^Hold a card to the reader[\s\S]*At least 3 different cards are needed/)
  })
})
