import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApiFile } from '@gatehouse/shared/wire/api/envelope.ts'
import type { Language } from '@gatehouse/shared/wire/api/mail.ts'
import type { Row } from '../db/tables.ts'
import type { Vault } from '../keys/vault.ts'
import type { DrawnCard } from '../printing/card.ts'
import { drawCodeCard } from '../printing/code-card.ts'
import { drawPdf } from '../printing/draw-pdf.ts'
import type { Fonts } from '../printing/fonts.ts'
import { sheetsOf } from '../printing/sheet.ts'
import { nameOf } from '../students/name.ts'
import { claimLink, spokenCode } from './code.ts'
import type { InvitationRow } from './invitations.repo.ts'
import { sealedPlace } from './invite.ts'

const WORDS: Record<
  Language,
  {
    readonly number: string
    readonly go: string
    readonly asked: { readonly student_number: string; readonly birth_date: string }
    readonly until: string
    readonly locale: string
  }
> = {
  en: {
    number: 'Student number',
    go: 'Scan the square, or type the code at',
    asked: { student_number: 'Have your student number at hand.', birth_date: 'You are asked for your date of birth.' },
    until: 'Works once, until',
    locale: 'en-GB',
  },
  nl: {
    number: 'Studentnummer',
    go: 'Scan het vierkant, of typ de code op',
    asked: { student_number: 'Houd je studentnummer bij de hand.', birth_date: 'Je geboortedatum wordt gevraagd.' },
    until: 'Werkt één keer, tot en met',
    locale: 'nl-NL',
  },
}

/** Codes of a batch on sheets to cut. Opens what is sealed; the file is not kept. */
export async function codeSheet({
  rows,
  school,
  vault,
  fonts,
  publicUrl,
  part,
  nowMs,
}: {
  readonly rows: readonly InvitationRow[]
  readonly school: Pick<Row<'schools'>, 'name' | 'time_zone' | 'language' | 'claim_checks'>
  readonly vault: Vault
  readonly fonts: Fonts
  readonly publicUrl: string
  readonly part: number
  readonly nowMs: number
}): Promise<ApiFile> {
  const words = WORDS[school.language]
  const day = new Intl.DateTimeFormat(words.locale, { dateStyle: 'medium', timeZone: school.time_zone })
  const cards: DrawnCard[] = []
  for (const row of rows) {
    const code = vault.open(sealedPlace(row.id), row.sealed_code!).toString()
    cards.push(
      drawCodeCard(fonts, {
        schoolName: school.name,
        holderName: nameOf(row),
        // Who finds the card should not have both.
        number: school.claim_checks.includes('student_number') ? '' : `${words.number} ${row.student_number}`,
        code: spokenCode(code),
        lines: [
          words.go,
          `${publicUrl.replace(/^https?:\/\//, '')}/claim`,
          ...school.claim_checks.map(check => words.asked[check]),
          `${words.until} ${day.format(row.expires_at)}`,
        ],
        link: claimLink(publicUrl, code, school.claim_checks),
      }),
    )
    // Other requests get their turn between two cards.
    await nextTurn()
  }
  return {
    name: `codes-${part}.pdf`,
    bytes: await drawPdf(sheetsOf(cards.map(({ drawing }) => drawing)), { title: 'Codes', nowMs }),
    undrawn: [...new Set(cards.flatMap(({ undrawn }) => undrawn))],
  }
}
