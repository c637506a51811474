import encodeQR from 'qr'
import { useMemo } from 'react'

/** ISO/IEC 18004 asks for four modules of white around a code. */
const QUIET_MODULES = 4

/** Dark on white in both themes: not every scanner reads a code the other way round. */
export function QrCode({ digits, name }: { readonly digits: string; readonly name: string }) {
  const { path, modules } = useMemo(() => qrPath(digits), [digits])
  return (
    <svg
      role="img"
      aria-label={name}
      viewBox={`0 0 ${modules} ${modules}`}
      shapeRendering="crispEdges"
      className="w-full"
    >
      <path d={path} fill="#000" />
    </svg>
  )
}

/** Error correction M; digits go as digits, three in ten bits. */
export function qrPath(digits: string): { readonly path: string; readonly modules: number } {
  const rows = encodeQR(digits, 'raw', { ecc: 'medium', border: QUIET_MODULES })
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return { path, modules: rows.length }
}
