import {
  fileBlob,
  getFile,
  getFileLimits,
  linkFile,
  listFiles,
  putFileLimits,
  removeFile,
  uploadFile,
} from '@gatehouse/shared/wire/api/files.ts'
import { LRUCache } from 'lru-cache'
import { audit, look } from '../audit/audit.ts'
import { inSchool } from '../db/school.ts'
import { actorOf, type Binder, nobodyOf, type SchoolPerson } from '../http/bind.ts'
import { asked, pagination } from '../http/page.ts'
import { CHANGED_MEANWHILE, type Problem } from '../http/problem.ts'
import {
  aboutFile,
  type FileReader,
  fileKeyOf,
  fileShown,
  findFile,
  listFileRows,
  removeFileRow,
  variantsOf,
} from './files.repo.ts'
import { bytesKept, readFileLimits, saveFileLimits } from './limits.repo.ts'
import { linkTo, readLink } from './links.ts'
import { sendBlob } from './send-blob.ts'
import { photoRoutes } from './student-photos.routes.ts'
import { type FileNeeds, takeFile } from './upload.ts'

const PROBLEMS = {
  no_such_file: { status: 404, code: 'not_found', message: 'There is no file with that id.' },
  not_ready: {
    status: 409,
    code: 'not_ready',
    message: 'This file is not ready to be looked at: it is still being checked, or it was refused.',
  },
  no_such_variant: {
    status: 404,
    code: 'no_such_variant',
    message: 'This file cannot be looked at in that way. Its variants are listed with it.',
  },
  no_such_link: {
    status: 404,
    code: 'link_over',
    message: 'This link is over, or was never made. Open the file again from its page.',
  },
} satisfies Record<string, Problem>

/** As many links as are used within their five minutes; who uses one twice looked once. */
const LINKS_TOLD_MAX = 10_000

export const readerOf = ({ role, userId }: SchoolPerson): FileReader => ({ userId, ownOnly: role === 'student' })

export function filesRoutes(routes: Binder, needs: FileNeeds): void {
  const { db, vault, jobs, store, nowMs } = needs

  routes.inSchool(uploadFile, async ({ query, who, req }) => {
    const taken = await takeFile(needs, who, { ...query, studentId: query.studentId, req })
    return 'problem' in taken ? taken : { data: fileShown(taken.row) }
  })

  routes.inSchool(listFiles, ({ query, who }) =>
    inSchool(db, who.school.id, async tx => {
      const { rows, total } = await listFileRows(tx, readerOf(who), query)
      const studentIds = [...new Set(rows.flatMap(row => row.owner_student_id ?? []))]
      await look(tx, actorOf(who, nowMs()), { action: 'file.list', after: asked(query), studentIds })
      return { data: rows.map(fileShown), pagination: pagination(query, total) }
    }),
  )

  routes.inSchool(getFile, ({ params: { fileId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findFile(tx, readerOf(who), fileId)
      if (row === undefined) return { problem: PROBLEMS.no_such_file }
      await look(tx, actorOf(who, nowMs()), { action: 'file.read', ...aboutFile(row) })
      return { data: fileShown(row) }
    }),
  )

  routes.inSchool(linkFile, ({ params: { fileId }, body: { variant }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findFile(tx, readerOf(who), fileId)
      if (row === undefined) return { problem: PROBLEMS.no_such_file }
      const variants = variantsOf(row)
      if (variants.length === 0) return { problem: PROBLEMS.not_ready }
      if (!variants.some(one => one.variant === variant)) return { problem: PROBLEMS.no_such_variant }
      await audit(tx, actorOf(who, nowMs()), { action: 'file.link', ...aboutFile(row), after: { variant } })
      return { data: linkTo(vault, { schoolId: who.school.id, fileId, variant }, nowMs()) }
    }),
  )

  const told = new LRUCache<string, true>({ max: LINKS_TOLD_MAX })
  routes.open(fileBlob, async ({ params: { link }, req, res }) => {
    const linked = readLink(vault, link, nowMs())
    if (linked === null) return { problem: PROBLEMS.no_such_link }
    const { schoolId, fileId, variant } = linked
    const found = await inSchool(db, schoolId, async tx => {
      const row = await findFile(tx, { userId: '', ownOnly: false }, fileId)
      const wanted = row && variantsOf(row).find(one => one.variant === variant)
      if (row === undefined || wanted === undefined) return null
      if (!told.has(link)) {
        const auditor = { schoolId, nowMs: nowMs(), by: nobodyOf(req) }
        await audit(tx, auditor, { action: 'file.open', ...aboutFile(row), after: { variant } })
      }
      return { row, ...wanted, fileKey: await fileKeyOf(tx, vault, row) }
    })
    if (found === null) return { problem: PROBLEMS.no_such_link }
    told.set(link, true)
    await sendBlob(req, res, store, found)
    return { sent: true }
  })

  routes.inSchool(removeFile, ({ params: { fileId }, who }) =>
    inSchool(db, who.school.id, async tx => {
      const row = await findFile(tx, readerOf(who), fileId)
      if (row === undefined) return { problem: PROBLEMS.no_such_file }
      return { data: fileShown(await removeFileRow(tx, jobs, actorOf(who, nowMs()), row)) }
    }),
  )

  routes.inSchool(getFileLimits, ({ who }) =>
    inSchool(db, who.school.id, async tx => ({
      data: { ...(await readFileLimits(tx)), schoolBytes: await bytesKept(tx, null) },
    })),
  )

  routes.inSchool(putFileLimits, ({ body, ifMatch, who }) =>
    inSchool(db, who.school.id, async tx => {
      const saved = await saveFileLimits(tx, actorOf(who, nowMs()), body, ifMatch)
      if (!saved.ok) return { problem: CHANGED_MEANWHILE }
      return { data: { ...saved.value, schoolBytes: await bytesKept(tx, null) } }
    }),
  )

  photoRoutes(routes, needs)
}
