import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Roots, signersIn, unsignedBundle } from '../keys/root-keys.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `./gatehouse keys ...` as a process. */
function keys(...words: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const entry = join(import.meta.dirname, 'main.ts')
  return new Promise(resolve =>
    execFile(process.execPath, [entry, 'keys', ...words], { cwd: folder }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: out + err }),
    ),
  )
}

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
