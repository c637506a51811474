const WIDTH = 236
const HEIGHT = 24

/** Scans in each second of the last minute; the figure beside it says their sum in words. */
export function PulseLine({ points }: { readonly points: readonly number[] }) {
  const most = Math.max(2, ...points)
  const path = points
    .map((count, at) => {
      const x = (at / (points.length - 1)) * WIDTH
      const y = HEIGHT - 1 - (count / most) * (HEIGHT - 3)
      return `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-6 min-w-0 flex-1 text-accent"
    >
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
