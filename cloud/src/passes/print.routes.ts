import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApiFile } from '@gatehouse/shared/wire/api/envelope.ts'
import { printPass, printPassPicture, printSheet } from '@gatehouse/shared/wire/api/printing.ts'
import { audit } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import type { Db, Tx } from '../db/tables.ts'
import { actorOf, type Binder, type SchoolPerson } from '../http/bind.ts'
import type { Problem } from '../http/problem.ts'
import { signerOf } from '../keys/school-keys.ts'
import type { Vault } from '../keys/vault.ts'
import { type Card, type DrawnCard, drawCard } from '../printing/card.ts'
import { drawPdf } from '../printing/draw-pdf.ts'
import { drawPng } from '../printing/draw-png.ts'
import type { Fonts } from '../printing/fonts.ts'
import { sheetsOf } from '../printing/sheet.ts'
import { cardOfPass } from './pass-card.ts'
import { aboutPass, holderIdOf, type PassRow, withHolder } from './passes.repo.ts'
import { NOT_PRINTABLE, type NotPrintable, notPrintable } from './printable.ts'
import { certificateOf, staticCode } from './static-code.ts'

export type PrintRoutesNeeds = {
  readonly db: Db
  readonly vault: Vault
  readonly fonts: Fonts
  readonly nowMs: () => number
}

/** Twice what printers of cards have: a picture that is scaled a little still has even edges. */
const PICTURE_DPI = 600

const NO_SUCH_PASS: Problem = { status: 404, code: 'not_found', message: 'There is no pass with that id.' }

/** Passes on paper. What is printed is never kept: the same pass gives the same code again. */
export function printRoutes(routes: Binder, { db, vault, fonts, nowMs }: PrintRoutesNeeds): void {
  routes.inSchool(printPassPicture, ({ params: { passId }, who }) =>
    printed(who, [passId], async ([card]) => {
      const one = drawCard(fonts, card!)
      return { name: `pass-${card!.serial}.png`, ...drawn([one]), bytes: await drawPng(one.drawing, PICTURE_DPI) }
    }),
  )

  routes.inSchool(printPass, ({ params: { passId }, who }) =>
    printed(who, [passId], async ([card]) => {
      const one = drawCard(fonts, card!)
      const title = `Pass ${card!.serial}`
      return {
        name: `pass-${card!.serial}.pdf`,
        ...drawn([one]),
        bytes: await drawPdf([one.drawing], { title, nowMs: nowMs() }),
      }
    }),
  )

  routes.inSchool(printSheet, ({ body: { passIds }, who }) =>
    printed(who, passIds, async cards => {
      const all: DrawnCard[] = []
      for (const card of cards) {
        all.push(drawCard(fonts, card))
        // Other requests get their turn between two cards.
        await nextTurn()
      }
      const sheets = sheetsOf(all.map(({ drawing }) => drawing))
      return { name: 'passes.pdf', ...drawn(all), bytes: await drawPdf(sheets, { title: 'Passes', nowMs: nowMs() }) }
    }),
  )

  /** Makes a file of these passes if every one of them may be printed. */
  async function printed(
    who: SchoolPerson,
    passIds: readonly string[],
    draw: (cards: readonly Card[]) => Promise<ApiFile>,
  ): Promise<{ data: ApiFile } | { problem: Problem }> {
    const cards = await inSchool(db, who.school.id, tx => cardsOf(tx, who, passIds))
    return 'problem' in cards ? cards : { data: await draw(cards) }
  }

  async function cardsOf(
    tx: Tx,
    who: SchoolPerson,
    passIds: readonly string[],
  ): Promise<Card[] | { problem: Problem }> {
    const { id: schoolId, tenant } = who.school
    const rows = new Map(
      (await withHolder(tx).where('passes.pass_id', 'in', passIds).execute()).map(row => [row.pass_id, row]),
    )
    const asked = passIds.map(passId => rows.get(passId))
    const found = asked.filter(row => row !== undefined)
    if (found.length < asked.length) return { problem: NO_SUCH_PASS }
    for (const row of found) {
      const reason = notPrintable(row, nowMs())
      if (reason !== null) return { problem: found.length === 1 ? NOT_PRINTABLE[reason] : amongOthers(row, reason) }
    }
    const { name, time_zone: timeZone } = await tx
      .selectFrom('schools')
      .select(['name', 'time_zone'])
      .where('id', '=', schoolId)
      .executeTakeFirstOrThrow()
    await audit(tx, actorOf(who, nowMs()), {
      action: 'pass.print',
      ...(found.length === 1 ? aboutPass(found[0]!) : { studentIds: [...new Set(found.map(holderIdOf))] }),
      after: { serials: found.map(({ serial }) => Number(serial)) },
    })
    const signer = await signerOf(tx, vault, { schoolId, tenant }, 'pass')
    const cards = found.map(async row => {
      const digits = await staticCode(signer, certificateOf(row))
      return cardOfPass(row, { name, timeZone }, { digits, photo: null })
    })
    return Promise.all(cards)
  }
}

function drawn(cards: readonly DrawnCard[]): { undrawn: string[] } {
  return { undrawn: [...new Set(cards.flatMap(({ undrawn }) => undrawn))] }
}

/** Of many passes the one that cannot be printed is named by what stands on it. */
function amongOthers({ serial }: PassRow, reason: NotPrintable): Problem {
  const { message, ...problem } = NOT_PRINTABLE[reason]
  return { ...problem, message: `Pass ${serial}: ${message}`, details: [{ path: 'passIds', message: reason }] }
}
