import type { Pass } from '@gatehouse/shared/wire/api/passes.ts'
import { Link } from 'react-router'
import { Badge } from '../ui/badge.tsx'
import { useZone } from '../ui/use-zone.ts'
import { sayLastDay } from '../ui/when.ts'
import { PASS_STATUS_TONES, PASS_STATUS_WORDS, statusOf } from './pass-words.ts'

/** A pass in two lines: its number and how it stands, what it opens and until when. */
export function PassLine({ pass }: { readonly pass: Pass }) {
  const zone = useZone()
  const status = statusOf(pass)
  return (
    <div>
      <p className="flex items-center gap-2">
        <Link to={`/passes?open=${pass.passId}`} className="font-medium hover:underline">
          Pass {pass.serial}
        </Link>
        <Badge tone={PASS_STATUS_TONES[status]}>{PASS_STATUS_WORDS[status]}</Badge>
      </p>
      <p className="text-13 text-muted">
        {pass.groups.map(({ name }) => name).join(', ')} · until {sayLastDay(pass.expires, zone)}
      </p>
    </div>
  )
}
