import type { EventKind } from '@gatehouse/shared/events/record.ts'
import type { GateState } from '@gatehouse/shared/wire/messages.ts'

export type ShownEvent = {
  readonly sequence: number
  readonly atMs: number
  readonly kind: EventKind
  readonly lane: string | null
  readonly why: string
}

/** What the page at the gate shows. */
export type Status = {
  readonly name: string
  readonly gateId: string
  readonly state: GateState
  /** Of the list in force, Unix milliseconds; null before the first. */
  readonly listIssuedAtMs: number | null
  readonly nowMs: number
  /** Of the gate, IANA: whoever stands there reads their own wall. */
  readonly timeZone: string
  readonly hasCloud: boolean
  /** The newest first. */
  readonly events: readonly ShownEvent[]
}

const REFRESH_S = 2

/** One page without a script, for whoever stands at the machine: it works in any browser, over an ssh tunnel too. */
export function statusHtml(status: Status): string {
  const { name, gateId, state, listIssuedAtMs, nowMs, timeZone, hasCloud, events } = status
  const lanes = (state.lanes ?? []).map(laneHtml).join('')
  const list =
    listIssuedAtMs === null || !state.listVersion
      ? 'none yet: nobody is let in until there is one'
      : `version ${state.listVersion}, signed ${age(nowMs - listIssuedAtMs)} ago`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${REFRESH_S}">
<meta name="viewport" content="width=device-width"><title>${text(name)}</title><style>${STYLE}</style></head><body>
<h1>${text(name)}</h1>
<dl><dt>Gate</dt><dd><code>${text(gateId)}</code>, version ${text(state.version ?? '')}</dd>
<dt>List</dt><dd>${list}</dd>
<dt>Clock</dt><dd>${text(moment(nowMs, timeZone, { dateStyle: 'medium', timeStyle: 'medium' }))} in ${text(timeZone)}, ${text(state.clockQuality ?? '')}</dd>
<dt>Cloud</dt><dd>${hasCloud ? `${state.waiting ?? 0} events wait to be stored there` : 'none: this gate stands alone'}</dd>
<dt>Inside</dt><dd>${state.inside ?? 0} passes, as far as this gate’s passages tell</dd></dl>
<h2>Lanes</h2>${lanes || '<p>No lane is described yet.</p>'}
<h2>Last events</h2>${eventsHtml(events, timeZone)}
</body></html>`
}

function laneHtml({ lane, readers, door }: NonNullable<GateState['lanes']>[number]): string {
  const rows = readers.map(
    ({ id, up, problem, reads }) =>
      `<tr><td>reader ${text(id)}</td><td>${mark(up)}</td><td>${text(problem ?? (reads === undefined ? '' : `reads a ${reads}`))}</td></tr>`,
  )
  const words = [door.problem, door.pulse, door.evacuating ? 'released by the fire alarm' : undefined]
  const said = words.filter(word => word !== undefined).join(', ')
  return `<table><caption>${text(lane)}</caption>${rows.join('')}<tr><td>door</td><td>${mark(door.up)}</td><td>${text(said)}</td></tr></table>`
}

function mark(up: boolean): string {
  return up ? '<b class="up">● works</b>' : '<b class="down">■ down</b>'
}

function eventsHtml(events: readonly ShownEvent[], timeZone: string): string {
  if (events.length === 0) return '<p>Nothing has happened yet.</p>'
  const rows = events.map(({ sequence, atMs, kind, lane, why }) => {
    const at = moment(atMs, timeZone, { timeStyle: 'medium' })
    return `<tr><td>${sequence}</td><td>${at}</td><td>${text(kind)}</td><td>${text(lane ?? '')}</td><td>${text(why)}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function moment(atMs: number, timeZone: string, style: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...style, timeZone }).format(atMs)
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** Text in HTML. Problems quote what devices and systems say. */
function text(raw: string): string {
  return raw.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root{color-scheme:light dark;font:16px/1.4 system-ui,sans-serif}
body{max-width:46rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.75rem;margin:0 0 1rem}h2{font-size:1rem;margin:1.5rem 0 .5rem}
dl{display:grid;grid-template-columns:5rem 1fr;gap:.25rem 1rem;margin:0}dt{opacity:.7}dd{margin:0}
table{border-collapse:collapse;width:100%;margin-bottom:1rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:650;padding:.25rem 0}
td{border-top:1px solid #8884;padding:.35rem 1rem .35rem 0;vertical-align:top;white-space:nowrap}
td:last-child{width:100%;padding-right:0;white-space:normal;overflow-wrap:anywhere}
.up{color:light-dark(#0a7a3d,#4cc685)}.down{color:light-dark(#c0231d,#ff7a70)}
`
