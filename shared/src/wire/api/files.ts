import { z } from 'zod'
import { MEDIA_TYPES, type MediaType, route } from '../contract.ts'
import { At, Id, PageQuery, RowVersion } from './envelope.ts'

export const FILE_CATEGORIES = ['document', 'photo'] as const
export const FILE_STATES = ['waiting', 'ready', 'refused'] as const
/** Why a file is not taken: it cannot be read whole (or is a picture of more than 25 million pixels), it asks for a password, it carries a virus. */
export const FILE_REFUSALS = ['unreadable', 'encrypted', 'infected'] as const
/** `none`: no scanner is set up. `missed`: the scanner was away, and the picture was re-encoded, which leaves nothing of what it carried. */
export const FILE_SCANS = ['waiting', 'clean', 'infected', 'none', 'missed'] as const
export type FileCategory = (typeof FILE_CATEGORIES)[number]
export type FileState = (typeof FILE_STATES)[number]
export type FileRefusal = (typeof FILE_REFUSALS)[number]
export type FileScan = (typeof FILE_SCANS)[number]

/** What may be handed in as what, by its first bytes. */
export const TAKES: Readonly<
  Record<FileCategory, { readonly bytesMax: number; readonly types: readonly MediaType[] }>
> = {
  document: { bytesMax: 10 * 1024 * 1024, types: ['application/pdf', 'image/jpeg', 'image/png'] },
  photo: { bytesMax: 8 * 1024 * 1024, types: ['image/jpeg', 'image/png', 'image/webp'] },
}
/** A picture that would need more memory than this is not decoded. */
export const PIXELS_MAX = 25_000_000

/** `original` of a document as it came; `photo` inside 800 x 800 and `thumbnail` inside 160 x 160 are JPEGs of ours. */
export const FILE_VARIANTS = ['original', 'photo', 'thumbnail'] as const
export type FileVariant = (typeof FILE_VARIANTS)[number]

export const StoredFile = z.object({
  id: Id,
  category: z.enum(FILE_CATEGORIES),
  state: z.enum(FILE_STATES),
  refusal: z.enum(FILE_REFUSALS).nullable(),
  scan: z.enum(FILE_SCANS),
  /** As the uploader called it. */
  name: z.string(),
  mediaType: z.enum(MEDIA_TYPES),
  bytes: z.int(),
  sha256: z.string(),
  studentId: Id.nullable(),
  /** What a link can be made for; empty until the file is ready. */
  variants: z.array(z.object({ variant: z.enum(FILE_VARIANTS), mediaType: z.enum(MEDIA_TYPES), bytes: z.int() })),
  uploadedAt: At,
  settledAt: At.nullable(),
})
export type StoredFile = z.infer<typeof StoredFile>

const params = z.object({ fileId: Id })

export const uploadFile = route({
  method: 'post',
  path: '/files',
  can: 'file:create',
  summary:
    'Hand in a file: `multipart/form-data` with one part, named `file`. Documents are pdf, jpeg or png of at most 10 MB, photos jpeg, png or webp of at most 8 MB and 25 million pixels. It is ready, or refused, some seconds later.',
  status: 201,
  query: z.strictObject({
    category: z.enum(FILE_CATEGORIES),
    /** Whose it is; a student hands in for themselves. */
    studentId: Id.optional(),
  }),
  takes: ['multipart/form-data'],
  data: StoredFile,
})

export const listFiles = route({
  method: 'get',
  path: '/files',
  can: 'file:read',
  summary: 'Files, newest first: of the school, or of whoever asks where that is a student.',
  query: PageQuery.extend({
    studentId: Id.optional(),
    category: z.enum(FILE_CATEGORIES).optional(),
    state: z.enum(FILE_STATES).optional(),
  }),
  data: z.array(StoredFile),
})

export const getFile = route({
  method: 'get',
  path: '/files/:fileId',
  can: 'file:read',
  summary: 'What is known of a file.',
  params,
  data: StoredFile,
})

export const removeFile = route({
  method: 'delete',
  path: '/files/:fileId',
  can: 'file:delete',
  summary: 'Remove a file. Nobody sees it from now on, and its bytes are destroyed.',
  params,
  data: StoredFile,
})

/** Who has a link sees the file: it is short-lived, and opens this one variant. */
export const LINK_MINUTES = 5

const Link = z.object({
  /** Of this service, without its host. */
  path: z.string(),
  expiresAt: At,
})
export type FileLink = z.infer<typeof Link>

export const linkFile = route({
  method: 'post',
  path: '/files/:fileId/links',
  can: 'file:read',
  summary: 'An address that shows a ready file to whoever has it, for five minutes.',
  status: 201,
  params,
  body: z.strictObject({ variant: z.enum(FILE_VARIANTS) }),
  data: Link,
  answersSecret: true,
})

export const fileBlob = route({
  method: 'get',
  path: '/files/blob/:link',
  can: 'anyone',
  summary: 'The bytes that a link stands for. Takes `Range` for one range, and `HEAD`.',
  params: z.object({ link: z.string().max(300) }),
  streams: MEDIA_TYPES,
  inParts: true,
  data: z.undefined(),
})

const bytesMax = z.int().min(0).max(100_000_000_000_000)
const FileLimits = z.strictObject({
  /** All files of the school together, in bytes. */
  schoolBytesMax: bytesMax,
  /** The files of one student, or of one account that is no student. */
  ownerBytesMax: bytesMax,
})
export type FileLimits = z.infer<typeof FileLimits>
export const FILE_LIMITS: FileLimits = { schoolBytesMax: 50_000_000_000, ownerBytesMax: 100_000_000 }
const KeptFileLimits = FileLimits.extend({
  /** 0: the service's own figures. */
  version: z.union([z.literal(0), RowVersion]),
  /** What is kept now. */
  schoolBytes: z.int(),
})

export const getFileLimits = route({
  method: 'get',
  path: '/file-limits',
  can: 'settings:read',
  summary: 'How much of files a school and each student may keep, and how much is kept.',
  data: KeptFileLimits,
})

export const putFileLimits = route({
  method: 'put',
  path: '/file-limits',
  can: 'settings:update',
  summary: 'Say how much of files is kept. What is there already stays.',
  body: FileLimits,
  data: KeptFileLimits,
})

const studentParams = z.object({ studentId: Id })

export const putStudentPhoto = route({
  method: 'put',
  path: '/students/:studentId/photo',
  can: 'student:update',
  summary: 'Say which photo is the student’s: a ready one of theirs. Null takes it away.',
  params: studentParams,
  body: z.strictObject({ fileId: Id.nullable() }),
  data: z.object({ fileId: Id.nullable() }),
})

export const getStudentPhoto = route({
  method: 'get',
  path: '/students/:studentId/photo',
  can: 'student:read',
  summary: 'Links to the student’s photo, for five minutes.',
  params: studentParams,
  data: z.object({ fileId: Id, photo: Link, thumbnail: Link }),
  answersSecret: true,
})
