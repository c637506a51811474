import { gzipSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { openOneRoster } from '../oneroster/csv-box.ts'
import { rosterZip } from '../testing/roster-zip.ts'
import { decoded, watchEncoding } from './encoding.ts'
import { lookAt, sheetOf, unzipped } from './open-file.ts'
import { csvRows, type SheetRow } from './rows.ts'
import { guessSeparator } from './separator.ts'
import { UNPACKED_BYTES_MAX } from './unpack.ts'

/** The bytes in pieces of an awkward size. */
const opened = (bytes: Uint8Array, size = 7) =>
  async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
async function all<Each>(rows: AsyncIterable<Each>): Promise<Each[]> {
  const found: Each[] = []
  for await (const row of rows) found.push(row)
  return found
}
const read = (bytes: Uint8Array, size?: number) =>
  unzipped(opened(bytes, size), async box => {
    const written = await lookAt(opened(bytes, size), box)
    const sheet = await sheetOf(opened(bytes, size), box, written)
    return { written, headings: sheet.headings, rows: await all(sheet.rows()) }
  })
const utf16 = (text: string, mark: boolean, big: boolean) => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le')
  return big ? bytes.swap16() : bytes
}

const TEXT = 'Studentnummer;Voornaam\r\n00017;Zoë\r\n00018;"Jan;\r\nPiet"\r\n'

describe('a file is read in whatever it is written', () => {
  const latin = (text: string) => Buffer.from(text, 'latin1')
  for (const [name, bytes, encoding] of [
    ['UTF-8', Buffer.from(TEXT), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`), 'utf-8'],
    ['UTF-16 with a mark', utf16(TEXT, true, false), 'utf-16le'],
    ['UTF-16, the other way round', utf16(TEXT, true, true), 'utf-16be'],
    ['UTF-16 without a mark', utf16(TEXT, false, false), 'utf-16le'],
    ['Windows-1252', latin(TEXT), 'windows-1252'],
    ['gzip', gzipSync(TEXT), 'utf-8'],
    ['zip', zipSync({ 'folder/lijst.csv': strToU8(TEXT) }), 'utf-8'],
  ] as const) {
    for (const size of [1, 7, 100_000]) {
      test(`${name}, in pieces of ${size}`, async () => {
        const { written, headings, rows } = await read(bytes, size)
        expect(written).toMatchObject({ encoding, separator: ';' })
        expect(headings).toEqual(['Studentnummer', 'Voornaam'])
        expect(rows.map(({ cells }) => cells)).toEqual([
          ['00017', 'Zoë'],
          ['00018', 'Jan;\r\nPiet'],
        ])
      })
    }
  }

  test('an accent in the last row decides', () => {
    const bytes = latin(`${'a,b\n'.repeat(50_000)}caf\xe9,x\n`)
    const watch = watchEncoding()
    watch.see(bytes.subarray(0, 150_000))
    watch.see(bytes.subarray(150_000))
    expect(watch.guess()).toBe('windows-1252')
  })

  test('half a character at the end is no UTF-8', () => {
    const watch = watchEncoding()
    watch.see(Buffer.from('caf\xc3', 'latin1'))
    expect(watch.guess()).toBe('windows-1252')
  })

  test('what is not its encoding is seen as such', async () => {
    expect((await all(decoded(opened(Buffer.from([0x61, 0xff]))(), 'utf-8'))).join('')).toBe('a\ufffd')
  })
})

test('the separator is what cuts the lines alike, and not what stands in the names', () => {
  expect(guessSeparator('number;name\n1;Doe, Jane\n2;Roe, Rick\n')).toBe(';')
  expect(guessSeparator('number,name\n1,"a;b;c"\n2,"d;e;f"\n')).toBe(',')
  expect(guessSeparator('number\tname\n1\tDoe, Jane\n')).toBe('\t')
  expect(guessSeparator('number\n1\n2\n')).toBe(',')
})

describe('rows', () => {
  const rows = (text: string) =>
    all<SheetRow>(csvRows(opened(Buffer.from(text))(), { encoding: 'utf-8', separator: ',' }))

  test('have the numbers that a spreadsheet shows, blank ones counted and left out', async () => {
    expect(await rows('a,b\n\n1,"x\ny"\n,\n2,z\n')).toEqual([
      { number: 1, cells: ['a', 'b'] },
      { number: 3, cells: ['1', 'x\ny'] },
      { number: 5, cells: ['2', 'z'] },
    ])
  })

  test('may be shorter or longer than the headings, and end in any way', async () => {
    expect((await rows('a,b\r1\r2,3,4')).map(({ cells }) => cells)).toEqual([['a', 'b'], ['1'], ['2', '3', '4']])
  })

  test('a quote inside a word is part of it', async () => {
    expect((await rows('a\n5" disk\n')).map(({ cells }) => cells)).toEqual([['a'], ['5" disk']])
  })

  test('a quote that is never closed is named with its row, and does not swallow the file', async () => {
    await expect(rows(`a,b\n1,2\n3,"open\n${'x,y\n'.repeat(100)}`)).rejects.toThrow('In row 3 a quotation mark')
    await expect(rows(`a,b\n1,"open\n${'x,y\n'.repeat(100_000)}`)).rejects.toThrow('In row 2 a quotation mark')
  })

  test('more than 200 columns is another file', async () => {
    await expect(rows(`a\n${','.repeat(250)}x\n`)).rejects.toThrow('Row 2 has 251 columns')
  })
})

describe('a packed file', () => {
  test('that is damaged, or holds nothing to read, is said to be so', async () => {
    const gzip = gzipSync(TEXT)
    await expect(read(gzip.subarray(0, gzip.length - 12))).rejects.toThrow('gzip file is damaged')
    await expect(read(zipSync({ 'a.csv': strToU8('a') }).subarray(0, 30))).rejects.toThrow('zip file is damaged')
    await expect(read(zipSync({ 'a.txt': strToU8('a'), 'b.csv': strToU8('b') }))).rejects.toThrow(
      '2 tables and no manifest',
    )
    await expect(read(zipSync({ 'a.pdf': strToU8('a') }))).rejects.toThrow('no CSV file')
    await expect(read(new Uint8Array(0))).rejects.toThrow('empty')
    await expect(read(Buffer.from('\n\n'))).rejects.toThrow('no row with anything')
  })

  test('that says it holds more than a gibibyte is not inflated', async () => {
    const zip = Buffer.from(zipSync({ 'a.csv': strToU8('a'.repeat(1000)) }))
    // The uncompressed size of the only entry, in the central directory (APPNOTE 4.3.12).
    const directory = zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
    zip.writeUInt32LE(UNPACKED_BYTES_MAX + 1, directory + 24)
    await expect(read(zip)).rejects.toThrow('larger than 1 GiB')
  })

  test('that holds more than it says is cut off', async () => {
    const zip = Buffer.from(zipSync({ 'a.csv': strToU8('a,b\n'.repeat(1000)) }))
    const directory = zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
    zip.writeUInt32LE(10, directory + 24)
    await expect(read(zip)).rejects.toThrow('damaged')
  })
})

describe('a OneRoster zip', () => {
  const students = (bytes: Uint8Array) =>
    unzipped(opened(bytes, 4096), async box => {
      const roster = await openOneRoster(box!)
      const rows = await all(roster.students.rows())
      const at = (heading: string) => roster.students.headings.indexOf(heading)
      const of = (cells: readonly string[]) =>
        ['identifier', 'givenName', 'status', 'department'].map(each => cells[at(each)])
      return { mode: roster.mode, rows: rows.map(({ cells }) => of(cells)), sessions: await roster.students.sessions() }
    })
  const PEOPLE = [
    { sourcedId: 'u-1', number: '00017', given: 'Ada', family: 'Lovelace', org: 'd-1' },
    { sourcedId: 'u-2', number: '00018', given: 'Grace', family: 'Hopper', status: 'tobedeleted' },
    { sourcedId: 'u-3', number: '00019', given: 'Alan', family: 'Turing', enabled: 'false' },
    { sourcedId: 'u-4', number: '7', given: 'Tea', family: 'Cher', role: 'teacher' },
  ]
  for (const version of ['1.1', '1.2'] as const) {
    test(`of ${version} has the students with department and status, and nobody else`, async () => {
      expect(await students(rosterZip(version, PEOPLE))).toEqual({
        mode: 'bulk',
        rows: [
          ['00017', 'Ada', 'active', version === '1.1' ? 'Physics' : 'Physics'],
          ['00018', 'Grace', 'inactive', 'Hillside, North'],
          ['00019', 'Alan', 'inactive', 'Hillside, North'],
        ],
        sessions: [{ sourcedId: 's-1', title: '2026/27', type: 'schoolYear', from: '2026-09-01', to: '2027-07-31' }],
      })
    })
  }

  test('says whether it has everybody or only who changed', async () => {
    expect((await students(rosterZip('1.1', PEOPLE, { mode: 'delta' }))).mode).toBe('delta')
  })

  test('of another version, without users, or without a file it speaks of is refused', async () => {
    const manifest = (lines: string) => ({ extra: { 'manifest.csv': `propertyName,value\n${lines}` } })
    await expect(students(rosterZip('1.1', [], manifest('oneroster.version,2.0\n')))).rejects.toThrow('OneRoster 2.0')
    await expect(
      students(rosterZip('1.1', [], manifest('oneroster.version,1.1\nfile.users,absent\n'))),
    ).rejects.toThrow('users.csv is absent')
    await expect(
      students(rosterZip('1.1', [], manifest('oneroster.version,1.2\nfile.users,bulk\nfile.roles,bulk\n'))),
    ).rejects.toThrow('speaks of roles.csv')
  })
})
