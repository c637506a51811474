import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FileVariant } from '@gatehouse/shared/wire/api/files.ts'
import type { MediaType } from '@gatehouse/shared/wire/contract.ts'
import type { Request, Response } from 'express'
import type { BlobStore } from './blob-store.ts'
import { disposition } from './file-name.ts'
import { blobName, type FileRow } from './files.repo.ts'
import { rangeOf } from './range.ts'
import { openBlob } from './sealed-blob.ts'

export type Sent = {
  readonly row: FileRow
  readonly variant: FileVariant
  readonly mediaType: MediaType
  readonly bytes: number
  readonly fileKey: Uint8Array
}

/**
 * Answers the bytes of a variant, or the part of them that is asked for. What people handed in is a download and nothing a browser
 * shows or runs; what we drew ourselves may be shown.
 */
export async function sendBlob(
  req: Request,
  res: Response,
  store: BlobStore,
  { row, variant, mediaType, bytes, fileKey }: Sent,
): Promise<void> {
  const tag = `"${row.id}-${variant}"`
  res.set({
    'Content-Type': mediaType,
    'Content-Disposition': disposition(variant === 'original' ? 'attachment' : 'inline', nameOf(row, variant)),
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Accept-Ranges': 'bytes',
    // Of the link's own time, and of this browser only.
    'Cache-Control': 'private, no-store',
    ETag: tag,
  })
  if (tagsIn(req.get('if-none-match')).some(one => one === tag || one === '*')) return void res.status(304).end()
  const ifRange = req.get('if-range')
  const span = ifRange === undefined || ifRange === tag ? rangeOf(req.get('range'), bytes) : null
  if (span === 'unsatisfiable') {
    res.removeHeader('Content-Type')
    return void res.status(416).set('Content-Range', `bytes */${bytes}`).end()
  }
  if (span !== null) res.set('Content-Range', `bytes ${span.from}-${span.from + span.length - 1}/${bytes}`)
  res.status(span === null ? 200 : 206).set('Content-Length', String(span?.length ?? bytes))
  if (req.method === 'HEAD') return void res.end()
  const name = blobName(row, variant)
  const opened = openBlob(fileKey, name, part => store.read(name, part), {
    total: bytes,
    span: span ?? { from: 0, length: bytes },
  })
  try {
    await pipeline(Readable.from(opened, { objectMode: false }), res)
  } catch (problem) {
    // Who reads no further is no fault of ours; what is damaged breaks off, which a client sees.
    if ((problem as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw problem
  }
}

/** A picture of ours is a JPEG, whatever it was drawn from. */
function nameOf({ name }: FileRow, variant: FileVariant): string {
  return variant === 'original' ? name : `${name.replace(/\.[A-Za-z0-9]{1,8}$/, '')}.jpg`
}

function tagsIn(header: string | undefined): string[] {
  return (header ?? '').split(',').map(tag => tag.trim().replace(/^W\//, ''))
}
