import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runToEnd } from '../testing/program.ts'
import { tempFolder } from '../testing/temp-folder.ts'

/** A site without a cloud with one list made, and a gate of it that has never run. */
async function site() {
  const folder = await tempFolder()
  writeFileSync(join(folder, 'cards.csv'), 'card\n01000734E0\n')
  const make = () => runToEnd(['list', 'make', 'cards.csv', '--gate', 'north', '--json'], folder)
  expect(await make()).toMatchObject({ code: 0 })
  mkdirSync(join(folder, 'stick'))
  const tcp = (port: number) => ({ kind: 'tcp', host: '127.0.0.1', port })
  writeFileSync(
    join(folder, 'north', 'gate.json'),
    JSON.stringify({
      lanes: [
        {
          lane: 'in',
          name: 'In',
          direction: 'in',
          groups: [0],
          readers: [{ family: 'line', id: 'qr', port: tcp(1) }],
          door: { family: 'lcus', channel: 1, port: tcp(2) },
        },
      ],
    }),
  )
  return { folder, make, run: (...words: string[]) => runToEnd(['list', ...words], folder) }
}

test('a list on a stick is put in force once, is refused when older, and comes out as it went in', {
  timeout: 90_000,
}, async () => {
  const { folder, make, run } = await site()
  writeFileSync(join(folder, 'stick', 'old.ghl'), readFileSync(join(folder, 'north', 'list.ghl')))
  await make()
  const config = ['--config', 'north/gate.json']
  const taken = await run('import', 'north/list.ghl', ...config)
  expect(taken).toMatchObject({ code: 0, err: '' })
  expect(taken.out).toMatch(/^version 2 of .+ is in force\n$/)
  const refused = await run('import', 'stick/old.ghl', ...config)
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('refused as older_version; version 2 stays in force')

  expect(await run('export', ...config, '--out', 'stick/list.ghl')).toMatchObject({ code: 0 })
  expect(JSON.parse(readFileSync(join(folder, 'stick', 'list.ghl'), 'utf8'))).toEqual(
    JSON.parse(readFileSync(join(folder, 'north', 'list.ghl'), 'utf8')),
  )
})

test('verify believes what the gate would, and inspect tells it without believing', { timeout: 90_000 }, async () => {
  const { folder, run } = await site()
  const whom = ['--identity', 'north/identity.json']
  const good = await run('verify', 'north/list.ghl', ...whom)
  expect(good).toMatchObject({ code: 0, err: '' })
  expect(good.out).toContain('rows: P 1, C 1, K 0, N 0')
  const list = JSON.parse(readFileSync(join(folder, 'north', 'list.ghl'), 'utf8'))
  const file = join(folder, 'stick', 'bad.ghl')
  writeFileSync(file, JSON.stringify({ ...list, files: { ...list.files, P: list.files.C } }))
  const bad = await run('verify', 'stick/bad.ghl', ...whom)
  expect([bad.code, bad.err]).toEqual([1, expect.stringContaining('the tables are refused as wrong_file')])
  expect((await run('inspect', 'stick/bad.ghl')).out).toBe(good.out)
  writeFileSync(file, 'hello')
  expect(await run('inspect', 'stick/bad.ghl')).toMatchObject({ code: 1, err: expect.stringContaining('is no list') })
})
