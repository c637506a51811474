import { type Decoded, type Decoder, listening } from './decoder.ts'
import { endedByEtx, endedByGap, endedByLine, type Texts } from './line-ends.ts'
import { type TypedTextNeeds, typedText } from './typed-text.ts'

/** Our longest code is 469 digits, an AIM id in front. The scanner will happily send 7 kB of anything. */
const CODE_BYTES_MAX = 512

const ENDS: Readonly<Record<'line' | 'etx' | 'gap', (bytesMax: number) => Texts>> = {
  line: endedByLine,
  etx: endedByEtx,
  gap: endedByGap,
}

export type LineNeeds = TypedTextNeeds & { readonly end: keyof typeof ENDS }

/**
 * A scanner that types each code down a line of bytes: most do, over USB-CDC or RS-232, and nothing in their format is
 * fixed. There is no answer to them: a BEL that one scanner sounds, another takes for a setting.
 */
export function lineDecoder({ end, ...typed }: LineNeeds): Decoder {
  const texts = ENDS[end](CODE_BYTES_MAX)
  const meaning = typedText(typed)
  const read = (ended: readonly (string | null)[]) =>
    ended.flatMap((text): readonly Decoded[] =>
      text === null ? [{ kind: 'dropped', why: 'too_long' }] : meaning(text),
    )
  return listening((chunk, atMs) => read(texts.take(chunk, atMs)), {
    dueMs: texts.dueMs,
    due: atMs => read(texts.due(atMs)),
  })
}
