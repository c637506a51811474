import PDFDocument from 'pdfkit'
import type { Drawing, Shape } from './drawing.ts'

const POINTS_A_MM = 72 / 25.4

/** Drawings as the pages of a PDF, text and codes as outlines. The one file that knows `pdfkit`. */
export function drawPdf(
  pages: readonly Drawing[],
  { title, nowMs }: { readonly title: string; readonly nowMs: number },
): Promise<Buffer> {
  const document = new PDFDocument({
    autoFirstPage: false,
    // Without it pdfkit puts a font of its own in: nothing here is text.
    font: null as never,
    info: { Title: title, Creator: 'Gatehouse', Producer: 'Gatehouse', CreationDate: new Date(nowMs) },
  })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk))
    document.on('end', () => resolve(Buffer.concat(chunks)))
    document.on('error', reject)
  })
  for (const { widthMm, heightMm, shapes } of pages) {
    document.addPage({ size: [widthMm * POINTS_A_MM, heightMm * POINTS_A_MM], margin: 0 })
    document.scale(POINTS_A_MM)
    for (const shape of shapes) draw(document, shape)
  }
  document.end()
  return done
}

function draw(document: PDFKit.PDFDocument, shape: Shape): void {
  const { x, y } = shape
  switch (shape.kind) {
    case 'rectangle': {
      const { width, height, radius = 0, fill } = shape
      if (radius > 0) document.roundedRect(x, y, width, height, radius).fill(fill)
      else document.rect(x, y, width, height).fill(fill)
      return
    }
    case 'path':
      document.save().translate(x, y).scale(shape.scale).path(shape.path).fill(shape.fill).restore()
      return
    case 'photo':
      document.image(Buffer.from(shape.jpeg), x, y, { width: shape.width, height: shape.height })
  }
}
