export type Piece = { readonly at: number; readonly text: string; readonly isLink: boolean }

/** A text with the addresses of pages in it told apart. Only http and https are links. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const { 0: link, index } of text.matchAll(/\bhttps?:\/\/[^\s<>"]+/g)) {
    if (index > from) pieces.push({ at: from, text: text.slice(from, index), isLink: false })
    pieces.push({ at: index, text: link, isLink: true })
    from = index + link.length
  }
  if (from < text.length) pieces.push({ at: from, text: text.slice(from), isLink: false })
  return pieces
}
