import encodeQR from 'qr'

/** ISO/IEC 18004 asks for four modules of white around a code. */
export const QUIET_MODULES = 4

/** A code as an SVG path, one unit a module, without its quiet zone. Error correction M; digits go as digits, three in ten bits, anything else as bytes. */
export function qrPath(said: string): { readonly path: string; readonly modules: number } {
  // The package draws no less than one module around it.
  const encoding = /^\d+$/.test(said) ? 'numeric' : 'byte'
  const framed = encodeQR(said, 'raw', { ecc: 'medium', encoding, border: 1 })
  const rows = framed.slice(1, -1).map(row => row.slice(1, -1))
  return { path: rows.map(rowPath).join(''), modules: rows.length }
}

/** Dark modules side by side are one rectangle: fewer edges, and no seams between them. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = ''
  for (let from = 0; from < row.length; from++) {
    if (!row[from]) continue
    let to = from
    while (row[to]) to++
    path += `M${from} ${y}h${to - from}v1h${from - to}z`
    from = to
  }
  return path
}
