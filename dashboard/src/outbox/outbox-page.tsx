import { listOutbox, MAIL_STATES, type Mail, type MailState } from '@gatehouse/shared/wire/api/mail.ts'
import { useAsk } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge, type BadgeTone } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { Fact, Facts, ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAgo, sayMoment } from '../ui/when.ts'
import { piecesOf } from './pieces.ts'

const STATE_WORDS: Record<MailState, string> = { waiting: 'Waiting', sent: 'Sent', failed: 'Failed', kept: 'Kept here' }
const STATE_TONES: Record<MailState, BadgeTone> = {
  waiting: 'quiet',
  sent: 'granted',
  failed: 'refused',
  kept: 'warning',
}

/** Mail of the last thirty days. Where there is no mail server, what it says is read here. */
export function OutboxPage() {
  const address = useAddress()
  const nowMs = useNow(10_000)
  const state = MAIL_STATES.find(known => known === address.get('state'))
  const search = address.get('search')
  const mails = useAsk(
    listOutbox,
    { query: { page: pageOf(address), state, search } },
    { keep: true, refetchMs: 5_000 },
  )
  const rows = mails.data?.data ?? []
  const opened = rows.find(({ id }) => id === address.get('open'))
  return (
    <Page title="Mail">
      <ListFrame
        side={
          opened && (
            <SidePanel title={opened.subject}>
              <Opened mail={opened} />
            </SidePanel>
          )
        }
      >
        <ListTools>
          <SearchField address={address} label="Address or subject" />
          <Chips name="State">
            <Chip on={state === undefined} onPress={() => address.set({ state: null })}>
              All
            </Chip>
            {MAIL_STATES.map(each => (
              <Chip key={each} on={state === each} onPress={() => address.set({ state: each })}>
                {STATE_WORDS[each]}
              </Chip>
            ))}
          </Chips>
        </ListTools>
        {mails.isPending && <Waiting rows={8} />}
        {mails.isError && <Failed error={mails.error} retry={() => void mails.refetch()} />}
        {mails.data &&
          rows.length === 0 &&
          (search !== undefined || state !== undefined ? (
            <Empty
              title="No mail fits"
              act={<Button onClick={() => address.set({ search: null, state: null })}>Show all mail</Button>}
            />
          ) : (
            <Empty title="No mail yet">
              Invitations, new passwords and news about accounts go out by mail. Without a mail server this page shows
              what would have been sent, and its links work.
            </Empty>
          ))}
        {rows.length > 0 && (
          <Table
            name="Mail, newest first"
            columns={columns(nowMs)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened?.id}
          />
        )}
        <Pager pagination={mails.data?.pagination ?? null} address={address} />
      </ListFrame>
    </Page>
  )
}

function columns(nowMs: number): readonly Column<Mail>[] {
  return [
    { name: 'To', cell: ({ to }) => <bdi>{to}</bdi> },
    { name: 'Subject', cell: ({ subject }) => <bdi>{subject}</bdi>, className: 'hidden md:table-cell' },
    {
      name: 'State',
      cell: ({ state }) => <Badge tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Badge>,
      className: 'w-28 md:w-32',
    },
    {
      name: 'Written',
      cell: ({ madeAt }) => <span className="text-muted">{sayAgo(madeAt, nowMs)}</span>,
      className: 'w-36 hidden lg:table-cell',
    },
  ]
}

function Opened({ mail }: { readonly mail: Mail }) {
  const nowMs = useNow()
  const zone = useZone()
  return (
    <div className="flex flex-col gap-4">
      <Facts>
        <Fact name="To">
          <bdi>{mail.to}</bdi>
        </Fact>
        <Fact name="Written">{sayMoment(mail.madeAt, nowMs, zone)}</Fact>
        {mail.endedAt && <Fact name={STATE_WORDS[mail.state]}>{sayMoment(mail.endedAt, nowMs, zone)}</Fact>}
        {mail.answer && (
          <Fact name="Mail server">
            <bdi>{mail.answer}</bdi>
          </Fact>
        )}
      </Facts>
      {mail.text === null ? (
        <p className="text-muted">What it says is only its reader’s: links in it open accounts.</p>
      ) : (
        <div className="rounded-6 bg-sunken p-3 break-words whitespace-pre-wrap" dir="auto">
          {piecesOf(mail.text).map(({ at, text, isLink }) =>
            isLink ? (
              <a key={at} href={text} className="quiet-link">
                {text}
              </a>
            ) : (
              <span key={at}>{text}</span>
            ),
          )}
        </div>
      )}
    </div>
  )
}
