import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Roots, signersIn, unsignedBundle } from '../keys/root-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ENTRY = join(import.meta.dirname, 'main.ts')

/** `./gatehouse ...` as a process, with a data folder of its own. */
function gatehouse(...words: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const env = { ...process.env, GATEHOUSE_DATA: join(folder, 'data'), LOG_LEVEL: 'silent' }
  return new Promise(resolve =>
    execFile(process.execPath, [ENTRY, ...words], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: out + err }),
    ),
  )
}
const keys = (...words: string[]) => gatehouse('keys', ...words)

test('a ceremony makes three encrypted files, never over others, and each signs once with its passphrase only', async () => {
  writeFileSync(join(folder, 'words'), 'correct horse battery\n')
  writeFileSync(join(folder, 'wrong'), 'incorrect horse battery\n')
  const ceremony = ['ceremony', '--school', 'hillside', '--folder', 'roots', '--passphrase-file', 'words']
  expect(await keys(...ceremony)).toMatchObject({ code: 0 })
  const root = join(folder, 'roots/root-1.pem')
  expect(statSync(root).mode & 0o777).toBe(0o600)
  const pem = readFileSync(root, 'utf8')
  expect(pem).toContain('ENCRYPTED')
  const again = await keys(...ceremony)
  expect([again.code, readFileSync(root, 'utf8')]).toEqual([1, pem])
  expect(again.said).toContain('is there already')

  const roots = Roots.parse(JSON.parse(readFileSync(join(folder, 'roots/roots.json'), 'utf8')))
  const draft = { issuer: 'hillside', version: 1, epoch: 1, issuedAtS: 1, roots, keys: [] }
  const bundle = join(folder, 'bundle.json')
  writeFileSync(bundle, JSON.stringify(unsignedBundle(draft)))
  const sign = (words: string) => keys('sign', 'bundle.json', '--root', root, '--passphrase-file', words)
  expect((await sign('wrong')).said).toContain('the passphrase is another one')
  expect(signersIn(JSON.parse(readFileSync(bundle, 'utf8')))).toEqual([])
  expect((await sign('words')).said).toContain('Trust bundle of hillside, version 1, epoch 1')
  expect((await sign('words')).code).toBe(0)
  expect(signersIn(JSON.parse(readFileSync(bundle, 'utf8')))).toEqual([roots[0]!.kid])
}, 60_000)

test('a school’s keys are drafted, signed by two, published and shown; a stolen list key goes the same way', async () => {
  const tenant = 'lakeside'
  const of = ['--school', tenant]
  const entered = [
    '--name',
    'Lakeside',
    '--tenant',
    tenant,
    '--zone',
    'Europe/Paris',
    '--admin',
    'office@lakeside.example',
  ]
  expect(await gatehouse('cloud', 'school', ...entered)).toMatchObject({ code: 0 })

  expect(await keys('ceremony', ...of, '--folder', 'keepers')).toMatchObject({ code: 0 })
  const sign = (file: string, root: number) => keys('sign', file, '--root', `keepers/root-${root}.pem`)
  expect(await keys('draft', ...of, '--roots', 'keepers/roots.json', '--out', 'first.json')).toMatchObject({ code: 0 })
  expect(await sign('first.json', 1)).toMatchObject({ code: 0 })
  const tooFew = await keys('publish', 'first.json')
  expect([tooFew.code, tooFew.said]).toEqual([1, expect.stringContaining('too_few_new_roots; nothing has changed')])
  await sign('first.json', 3)
  expect((await keys('publish', 'first.json')).said).toContain('Version 1, epoch 1 of lakeside is in force')

  const list = `${tenant}/list/1`
  const stolen = ['--rotate', 'list', '--revoke', list, '--new-epoch', '--out', 'second.json']
  expect((await keys('draft', ...of, ...stolen)).said).toContain('--revoke wants a --reason')
  expect(await keys('draft', ...of, ...stolen, '--reason', 'stolen')).toMatchObject({ code: 0 })
  expect((await keys('show', ...of)).said).toContain(`draft: key ${tenant}/list/2`)
  for (const root of [2, 3]) await sign('second.json', root)
  expect((await keys('publish', 'second.json')).said).toContain('Version 2, epoch 2 of lakeside is in force')
  const shown = (await keys('show', ...of)).said
  expect(shown).toMatch(new RegExp(`${list}.*(revoked|stolen)`))
  expect(shown).not.toContain('draft:')
}, 240_000)
