import { LANGUAGES } from '@gatehouse/shared/wire/api/mail.ts'
import { expect, test } from 'vitest'
import type { Letter, Place } from './templates/template.ts'
import { TEMPLATES, type TemplateName, type ValuesOf } from './templates.ts'
import { write } from './write.ts'

const LINK = 'https://gatehouse.example/x?a=1&b=2'
const HOSTILE = '<img src=x onerror=alert(1)>"&\'\u202e'
const VALUES: { readonly [Name in TemplateName]: ValuesOf<Name> } = {
  password_reset: { link: LINK, address: HOSTILE },
  invitation: { link: LINK, days: 7 },
  first_administrator: { link: LINK, days: 7 },
  new_sign_in: { device: HOSTILE, address: '192.0.2.7', at: HOSTILE },
  password_changed: { address: HOSTILE, at: '2026-09-01T10:00:00Z' },
  factor_changed: { address: HOSTILE, at: '2026-09-01T10:00:00Z' },
  import_done: { title: HOSTILE, added: '1', changed: '2', left: '3', refused: '4', link: LINK },
  application_submitted: { applicant: HOSTILE, link: LINK },
  documents_asked: { applicant: HOSTILE, documents: HOSTILE, link: LINK },
  application_approved: { applicant: HOSTILE, reason: HOSTILE, link: LINK },
  application_rejected: { applicant: HOSTILE, link: LINK },
  application_reminder: { applicant: HOSTILE, due: '2026-09-01T10:00:00Z', link: LINK },
  pass_issued: { holder: HOSTILE, number: '7', until: '2026-09-01T10:00:00Z', link: LINK },
  pass_expiring: { holder: HOSTILE, number: '7', until: '2026-09-01T10:00:00Z', link: LINK },
  pass_suspended: { holder: HOSTILE, number: '7', reason: HOSTILE, link: LINK },
  pass_revoked: { holder: HOSTILE, number: '7', link: LINK },
  card_lost: { holder: HOSTILE, number: '7', link: LINK },
  visitor_arrived: { visitor: HOSTILE, gate: HOSTILE, at: '2026-09-01T10:00:00Z', link: LINK },
  gate_offline: { gate: HOSTILE, since: '2026-09-01T10:00:00Z', link: LINK },
  gate_alarm: { gate: HOSTILE, alarm: HOSTILE, at: '2026-09-01T10:00:00Z', link: LINK },
  list_stale: { gate: HOSTILE, since: '2026-09-01T10:00:00Z', link: LINK },
  daily: { lines: [HOSTILE, 'Another'], more: 3, link: LINK },
  job_dead: { title: HOSTILE, error: HOSTILE, link: LINK },
}
const place: Place = { school: `Hillside ${HOSTILE}`, when: iso => iso }

for (const name of Object.keys(TEMPLATES) as TemplateName[]) {
  for (const language of LANGUAGES) {
    test(`${name} in ${language}: text and HTML say the same, and nothing typed becomes markup`, () => {
      const template = TEMPLATES[name][language] as (values: unknown, place: Place) => Letter
      const { subject, text, html } = write(template(VALUES[name], place), {
        language,
        name: HOSTILE,
        school: place.school,
      })
      expect(subject.length).toBeGreaterThan(5)
      expect(html).not.toContain('<img')
      expect(html).not.toMatch(/src=(?!x onerror)|url\(|@import|<script/)
      expect(subject + text + html).not.toContain('\u202e')
      expect(html).toContain(`lang="${language}"`)
      if ('link' in VALUES[name]) {
        expect(text).toContain(`\n${LINK}\n`)
        expect(html).toContain('href="https://gatehouse.example/x?a=1&#38;b=2"')
      }
      expect(text).not.toContain('undefined')
    })
  }
  test(`${name} is written in each language apart`, () => {
    const said = LANGUAGES.map(
      language => (TEMPLATES[name][language] as (values: unknown, place: Place) => Letter)(VALUES[name], place).subject,
    )
    expect(new Set(said).size).toBe(LANGUAGES.length)
  })
}

test('a link that is no page is a mistake of ours', () => {
  const letter: Letter = { subject: 'x', blocks: [{ link: 'javascript:alert(1)', words: 'x' }] }
  expect(() => write(letter, { language: 'en', name: null, school: null })).toThrow('not the address of a page')
})

test('a subject is one line, and not endless', () => {
  const { subject } = write(
    { subject: `a\r\nBcc: x@y.example ${'é'.repeat(500)}`, blocks: [] },
    { language: 'en', name: null, school: null },
  )
  expect(subject).toMatch(/^a Bcc: /)
  expect([...subject]).toHaveLength(200)
})
