import naughty from 'big-list-of-naughty-strings/blns.json' with { type: 'json' }
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onBothEngines } from '../testing/database.ts'
import { type People, people } from '../testing/people.ts'

const SEARCH_MAX = 100

/** The beginning of a text, with no character cut in half. */
function begin(text: string, most: number): string {
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length > most) break
    kept += character
  }
  return kept
}

onBothEngines('strings that have broken other programs, as names', engine => {
  let it: People
  beforeAll(async () => {
    it = await people(await engine.fresh())
  })
  afterAll(() => it[Symbol.asyncDispose]())

  const search = async (text: string) => {
    const said = await it.call('GET', `/students?limit=100&search=${encodeURIComponent(text)}`)
    expect([text, said.status]).toEqual([text, 200])
    return said.body.data as { id: string; firstName: string }[]
  }

  test('each is given back as it was sent and found again, or refused in words at its field', async () => {
    expect(naughty.length).toBeGreaterThan(450)
    const kept: { readonly id: string; readonly number: string; readonly name: string }[] = []
    const refused: string[] = []
    for (const [at, text] of naughty.entries()) {
      const number = `NAUGHTY-${String(at).padStart(4, '0')}`
      const body = { studentNumber: number, firstName: text, lastName: text }
      const said = await it.call('POST', '/students', body)
      if (said.status === 201) {
        const name = text.normalize('NFC').trim()
        expect(said.body.data).toMatchObject({ firstName: name, lastName: name })
        kept.push({ id: said.body.data.id, number, name })
      } else {
        expect([text, said.status, said.body.error.code]).toEqual([text, 422, 'validation_failed'])
        expect(said.body.error.details[0].path).toMatch(/^(body\.)?(first|last)Name$/)
        refused.push(text)
      }
    }
    // What is refused is empty, or longer than a name.
    expect(refused.filter(text => text.trim() !== '' && text.length <= SEARCH_MAX)).toEqual([])
    expect(kept.length).toBeGreaterThan(400)

    for (const { id, number, name } of kept) {
      const read = await it.call('GET', `/students/${id}`)
      expect(read.body.data).toMatchObject({ firstName: name, lastName: name })
      // Every word must be there, the number too: many share a backslash, and a page has a hundred.
      const found = await search(`${number} ${begin(name, SEARCH_MAX - number.length - 1)}`)
      expect([name, found.map(each => each.id)]).toEqual([name, [id]])
    }
  }, 240_000)

  test('each is harmless as something to search for everywhere at once', async () => {
    const before = (await it.call('GET', '/students?limit=1')).body.metadata.pagination.total
    // A session has so many requests in a quarter of an hour: this one begins anew.
    const call = it.as(await it.cloud.signIn(it.school, 'school_admin'))
    for (const text of naughty) {
      const { status, body } = await call('GET', `/search?q=${encodeURIComponent(text)}`)
      const isRefused = text.trim() === '' || text.length > SEARCH_MAX
      expect([text, status, body.error?.details[0]?.path]).toEqual(
        isRefused ? [text, 422, 'q'] : [text, 200, undefined],
      )
    }
    expect((await it.call('GET', '/students?limit=1')).body.metadata.pagination.total).toBe(before)
  }, 240_000)
})
