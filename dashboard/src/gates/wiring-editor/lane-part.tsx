import type { AccessPoint } from '@gatehouse/shared/wire/api/gates.ts'
import { DOOR_FIELDS } from '@gatehouse/shared/wire/hardware/fields.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { DeviceCard } from './device-card.tsx'
import { type LaneDraft, withReader } from './draft.ts'
import { useWiringForm } from './form.ts'
import { Settings } from './setting.tsx'

/** As many as a lane takes. */
const READERS_MAX = 8

/** One access point: its readers and its door. Closed, it says what is in it. */
export function LanePart({
  point,
  lane,
  onChange,
  path,
  open,
  onToggle,
  mistakes,
}: {
  readonly point: AccessPoint
  readonly lane: LaneDraft
  readonly onChange: (lane: LaneDraft) => void
  readonly path: string
  readonly open: boolean
  readonly onToggle: (open: boolean) => void
  /** How many are said within it. */
  readonly mistakes: number
}) {
  const { said, mayWrite } = useWiringForm()
  const { readers } = lane
  const none = said(`${path}.readers`)
  return (
    <details open={open} onToggle={event => onToggle(event.currentTarget.open)} className="group border-line border-b">
      <summary className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 hover:bg-sunken">
        <Icon name="right" className="text-muted group-open:rotate-90" />
        <h2 className="min-w-0 font-strong break-words">
          <bdi>{point.name}</bdi>
        </h2>
        <span className="text-13 text-muted">
          lane <span className="font-mono">{point.lane}</span>, {point.direction === 'in' ? 'going in' : 'going out'},{' '}
          {readers.length === 1 ? '1 reader' : `${readers.length} readers`}
        </span>
        {mistakes > 0 && <Badge tone="refused">{mistakes === 1 ? '1 mistake' : `${mistakes} mistakes`}</Badge>}
      </summary>
      <div className="flex flex-col gap-4 p-4 pt-2">
        <h3 className="text-13 font-medium text-muted">Readers</h3>
        {readers.map((reader, at) => (
          <DeviceCard
            key={reader.key}
            kind="reader"
            values={reader.values}
            onChange={values => onChange({ ...lane, readers: readers.with(at, { ...reader, values }) })}
            onRemove={() => onChange({ ...lane, readers: readers.filter(({ key }) => key !== reader.key) })}
            path={`${path}.readers.${at}`}
          />
        ))}
        {none && <p className="text-13 text-refused">Readers: {none}</p>}
        {mayWrite && readers.length < READERS_MAX && (
          <div>
            <Button icon="plus" onClick={() => onChange({ ...lane, readers: withReader(readers) })}>
              Add a reader
            </Button>
          </div>
        )}
        <h3 className="text-13 font-medium text-muted">Door</h3>
        <Settings
          fields={DOOR_FIELDS}
          values={lane.door}
          onChange={door => onChange({ ...lane, door })}
          path={`${path}.door`}
        />
      </div>
    </details>
  )
}
