import { type Import, listImports } from '@gatehouse/shared/wire/api/imports.ts'
import { useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useBrowserSession } from '../api/session-context.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Empty, Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, sayTime, type Zone } from '../ui/when.ts'
import { isBusy, STATE_TONES, STATE_WORDS } from './import-words.ts'
import { uploadFile } from './upload.ts'

const LOOK_MS = 3_000

/** Student lists from elsewhere: upload one, and what became of the others. */
export function ImportsPage() {
  const address = useAddress()
  const zone = useZone()
  const imports = useAsk(listImports, { query: { page: pageOf(address) } }, { keep: true, refetchMs: LOOK_MS })
  const rows = imports.data?.data ?? []
  const upload = useUpload()
  return (
    <Page title="Imports" acts={<UploadButton {...upload} />}>
      {upload.problem !== null && (
        <div className="mb-4">
          <Problem error={upload.problem} />
        </div>
      )}
      <div className="panel">
        {imports.isPending && <Waiting rows={8} />}
        {imports.isError && <Failed error={imports.error} retry={() => void imports.refetch()} />}
        {imports.data && rows.length === 0 && (
          <Empty title="Nothing was imported yet" act={<UploadButton {...upload} />}>
            Upload a list of students as CSV, or the OneRoster zip of your student system. You see exactly what it would
            change before it does.
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            name="Imports"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => `/imports/${id}`}
          />
        )}
        <Pager pagination={imports.data?.pagination ?? null} address={address} />
      </div>
    </Page>
  )
}

type Upload = { readonly part: number | null; readonly problem: string | null; begin(file: File): void }

function useUpload(): Upload {
  const browser = useBrowserSession()
  const navigate = useNavigate()
  const [part, setPart] = useState<number | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  return {
    part,
    problem,
    begin(file) {
      setProblem(null)
      setPart(0)
      uploadFile(browser, file, setPart).then(
        id => void navigate(`/imports/${id}`),
        (failed: Error) => {
          setPart(null)
          setProblem(failed.message)
        },
      )
    },
  }
}

function UploadButton({ part, begin }: Upload) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        aria-label="A list of students"
        accept=".csv,.txt,.tsv,.zip,.gz,text/csv"
        className="sr-only"
        tabIndex={-1}
        onChange={event => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) begin(file)
        }}
      />
      <Button
        tone="primary"
        icon="plus"
        busy={part !== null && (part < 1 ? `Uploading ${Math.round(part * 100)} %` : 'Looking at it …')}
        onClick={() => input.current?.click()}
      >
        Upload a list
      </Button>
    </>
  )
}

function columns(zone: Zone): readonly Column<Import>[] {
  return [
    { name: 'File', cell: ({ name }) => <bdi>{name}</bdi> },
    {
      name: 'State',
      cell: one => <Badge tone={STATE_TONES[one.state]}>{isBusy(one) ? saySoFar(one) : STATE_WORDS[one.state]}</Badge>,
      className: 'w-36',
    },
    { name: 'Rows', cell: ({ plan }) => plan?.rows.toLocaleString() ?? '', className: 'w-24 hidden md:table-cell' },
    {
      name: 'By',
      cell: ({ madeBy }) => <bdi className="text-muted">{madeBy ?? 'Gatehouse'}</bdi>,
      className: 'hidden lg:table-cell',
    },
    {
      name: 'When',
      cell: ({ madeAt }) => (
        <span className="text-muted">
          {sayDay(madeAt, zone)}, {sayTime(madeAt, zone)}
        </span>
      ),
      className: 'w-56 hidden md:table-cell',
    },
  ]
}

function saySoFar({ state, progress: { done, total } }: Import): string {
  return total === null || total === 0 ? STATE_WORDS[state] : `${Math.floor((done / total) * 100)} %`
}
