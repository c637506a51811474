import { z } from 'zod'
import { At, Id } from './envelope.ts'

export const FILE_CATEGORIES = ['document', 'photo'] as const
export const FILE_STATES = ['waiting', 'ready', 'refused'] as const
/** Why a file is not taken: it cannot be read whole (or is a picture of more than 25 million pixels), it asks for a password, it carries a virus. */
export const FILE_REFUSALS = ['unreadable', 'encrypted', 'infected'] as const
/** `none`: no scanner is set up. `missed`: the scanner was away, and the picture was re-encoded, which leaves nothing of what it carried. */
export const FILE_SCANS = ['waiting', 'clean', 'infected', 'none', 'missed'] as const
export const MEDIA_TYPES = ['application/pdf', 'image/jpeg', 'image/png', 'image/webp'] as const
export type FileCategory = (typeof FILE_CATEGORIES)[number]
export type FileState = (typeof FILE_STATES)[number]
export type FileRefusal = (typeof FILE_REFUSALS)[number]
export type FileScan = (typeof FILE_SCANS)[number]
export type MediaType = (typeof MEDIA_TYPES)[number]

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
