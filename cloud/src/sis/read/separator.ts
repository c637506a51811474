export const SEPARATORS = [',', ';', '\t'] as const
export type Separator = (typeof SEPARATORS)[number]

/** Lines that are compared. */
const LINES_MAX = 20

/**
 * What stands between cells: of the candidates the one that cuts the most lines into as many cells as the first line,
 * and of two such the one with more cells. Nothing of the kind: a file of one column.
 */
export function guessSeparator(start: string): Separator {
  const lines = linesOf(start)
  const scores = SEPARATORS.map(separator => {
    const counts = lines.map(line => count(line, separator))
    const cells = counts[0] ?? 0
    return { separator, cells, alike: cells === 0 ? 0 : counts.filter(each => each === cells).length }
  })
  const best = scores.toSorted((a, b) => b.alike - a.alike || b.cells - a.cells)[0]!
  return best.alike === 0 ? ',' : best.separator
}

/** Whole lines, a line break inside quotes being none. */
function linesOf(text: string): string[] {
  const lines: string[] = []
  let line = ''
  let quoted = false
  for (const character of text) {
    if (character === '"') quoted = !quoted
    if (character === '\n' && !quoted) {
      lines.push(line)
      line = ''
      if (lines.length === LINES_MAX) return lines
    } else line += character
  }
  if (lines.length === 0) lines.push(line)
  return lines.filter(one => one.trim() !== '')
}

function count(line: string, separator: string): number {
  let found = 0
  let quoted = false
  for (const character of line) {
    if (character === '"') quoted = !quoted
    else if (character === separator && !quoted) found++
  }
  return found
}
