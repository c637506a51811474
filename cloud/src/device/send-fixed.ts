import type { Request, Response } from 'express'

/** What never changes under its address. */
export type FixedFile = { readonly bytes: Uint8Array; readonly type: string; readonly tag: string }

/** Sends a file, or the part of it that is still missing at the other end (RFC 9110 section 14: `bytes=<from>-`). */
export function sendFixed(req: Request, res: Response, { bytes, type, tag }: FixedFile): void {
  const etag = `"${tag}"`
  res.setHeader('ETag', etag)
  res.setHeader('Cache-Control', 'private, max-age=31536000, immutable, no-transform')
  res.setHeader('Accept-Ranges', 'bytes')
  if (req.get('if-none-match') === etag) return void res.status(304).end()
  res.type(type)
  const from = Number(/^bytes=(\d{1,10})-$/.exec(req.get('range') ?? '')?.[1] ?? 0)
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (from === 0) return void res.send(whole)
  if (from >= whole.length) return void res.status(416).setHeader('Content-Range', `bytes */${whole.length}`).end()
  res.status(206).setHeader('Content-Range', `bytes ${from}-${whole.length - 1}/${whole.length}`)
  res.send(whole.subarray(from))
}
