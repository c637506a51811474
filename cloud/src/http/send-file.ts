import type { ApiFile } from '@gatehouse/shared/wire/api/envelope.ts'
import type { FileType } from '@gatehouse/shared/wire/contract.ts'
import type { Response } from 'express'

/** Answers a file to keep, not to show in the page. */
export function sendFile(res: Response, type: FileType, { name, bytes, undrawn = [] }: ApiFile): void {
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Disposition', `attachment; filename="${name}"`)
  if (undrawn.length > 0) res.setHeader('Gatehouse-Not-Drawn', codePoints(undrawn))
  res.status(200).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

/** A header is ASCII: `U+1F600, U+1F601`, the first twenty. */
function codePoints(characters: readonly string[]): string {
  return characters
    .flatMap(text => [...text])
    .slice(0, 20)
    .map(one => `U+${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`)
    .join(', ')
}
