import type { GateConfigurationAnswer } from '@gatehouse/shared/wire/api/gate-configuration.ts'
import type { ReportedConfiguration } from '@gatehouse/shared/wire/messages.ts'
import { expect, test } from 'vitest'
import { standingOf } from './standing.ts'

const newest = { version: 4, boards: [], lanes: [] } as GateConfigurationAnswer['newest']
const said = (change: Partial<ReportedConfiguration>): ReportedConfiguration => ({
  source: 'cloud',
  sha256: 'a'.repeat(64),
  ...change,
})
const ON = { online: true, enrolled: true }

test.each<[string, GateConfigurationAnswer['newest'], ReportedConfiguration | null, typeof ON, string, RegExp]>([
  ['nothing was sent', null, null, ON, 'Not described', /Nothing describes this gate yet/],
  ['the newest is in force', newest, said({ version: 4 }), ON, 'In force', /runs by version 4\.$/],
  [
    'the newest is in force and an older one came again',
    newest,
    said({ version: 4, refusedVersion: 3, problem: 'older' }),
    ON,
    'In force',
    /runs by version 4\.$/,
  ],
  [
    'the first is in force though a reader is not up',
    newest,
    said({ version: 4, problem: 'reader qr' }),
    ON,
    'In force',
    /version 4, but: reader qr/,
  ],
  [
    'the gate went back',
    newest,
    said({ version: 3, refusedVersion: 4, problem: 'not up: reader qr' }),
    ON,
    'Not in force',
    /Version 4 is not in force: not up: reader qr\. It runs by version 3\./,
  ],
  [
    'the gate went back and is offline now',
    newest,
    said({ version: 3, refusedVersion: 4, problem: 'x' }),
    { online: false, enrolled: true },
    'Not in force',
    /Version 4/,
  ],
  ['it is being tried', newest, said({ version: 3 }), ON, 'Sent', /The gate tries it.*It runs by version 3\./],
  ['the first is being tried', newest, said({ source: 'none' }), ON, 'Sent', /no earlier one/],
  ['the gate is offline', newest, said({ version: 3 }), { online: false, enrolled: true }, 'Sent', /offline/],
  ['no mini-PC is there', newest, null, { online: false, enrolled: false }, 'Sent', /until a mini-PC is enrolled/],
  ['its program says nothing of it', newest, null, ON, 'Sent', /older than this page/],
  ['a file overrides', newest, said({ source: 'file' }), ON, 'Local file', /Version 4 is not in force/],
  ['a file is all there is', null, said({ source: 'file' }), ON, 'Local file', /Nothing was sent from here/],
])('%s', (_what, sent, reported, gate, word, sentence) => {
  const standing = standingOf({ newest: sent, reported }, gate)
  expect(standing.word).toBe(word)
  expect(standing.sentence).toMatch(sentence)
})

test('only what comes by itself is waited for', () => {
  const moves = (reported: ReportedConfiguration, online = true) =>
    standingOf({ newest, reported }, { online, enrolled: true }).isMoving
  expect([moves(said({ version: 3 })), moves(said({ version: 3 }), false)]).toEqual([true, true])
  expect([moves(said({ version: 4 })), moves(said({ source: 'file' }))]).toEqual([false, false])
  expect(moves(said({ version: 3, refusedVersion: 4, problem: 'x' }))).toBe(false)
})
