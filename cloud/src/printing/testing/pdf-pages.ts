import { inflateSync } from 'node:zlib'
import sharp from 'sharp'

/**
 * The pages of one of our PDFs as pictures, 300 dots an inch. It understands what `draw-pdf.ts` writes and nothing else: filled paths
 * in device colours, one transformation inside another.
 */
export async function pdfPages(pdf: Buffer): Promise<Buffer[]> {
  const text = pdf.toString('latin1')
  const boxes = [...text.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, width, height]) => ({
    width: Number(width),
    height: Number(height),
  }))
  const contents = [...text.matchAll(/\/FlateDecode\n>>\nstream\n/g)].map(({ index, 0: head }) => {
    const from = index + head.length
    return inflateSync(pdf.subarray(from, text.indexOf('\nendstream', from))).toString('latin1')
  })
  return Promise.all(
    contents.map((content, page) => {
      const { width, height } = boxes[page]!
      const dots = (points: number) => Math.round((points * 300) / 72)
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${dots(width)}" height="${dots(height)}" viewBox="0 0 ${width} ${height}"><g transform="matrix(1 0 0 -1 0 ${height})">${elements(content)}</g></svg>`
      return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).png().toBuffer()
    }),
  )
}

const PATH_STEPS: Record<string, string> = { m: 'M', l: 'L', c: 'C', h: 'Z' }

function elements(content: string): string {
  let svg = ''
  let path = ''
  let fill = '#000'
  let open = 0
  const opened: number[] = []
  let operands: string[] = []
  for (const token of content.split(/\s+/).filter(Boolean)) {
    const step = PATH_STEPS[token]
    if (/^[-+.\d]/.test(token) || token.startsWith('/')) {
      operands.push(token)
      continue
    }
    if (step !== undefined) path += `${step}${operands.join(' ')}`
    else if (token === 're') {
      const [x, y, width, height] = operands
      path += `M${x} ${y}h${width}v${height}h${-Number(width)}Z`
    } else if (token === 'q') opened.push(open)
    else if (token === 'Q') {
      const before = opened.pop()!
      svg += '</g>'.repeat(open - before)
      open = before
    } else if (token === 'cm') {
      svg += `<g transform="matrix(${operands.join(' ')})">`
      open++
    } else if (token === 'scn') fill = `rgb(${operands.map(part => Math.round(Number(part) * 255)).join(' ')})`
    else if (token === 'f') {
      svg += `<path d="${path}" fill="${fill}"/>`
      path = ''
    } else if (token !== 'cs' && token !== 'gs') throw new Error(`an operator that is not known here: ${token}`)
    operands = []
  }
  return svg + '</g>'.repeat(open)
}
