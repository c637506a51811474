import {
  CODES_A_FILE,
  endInvitation,
  INVITATION_STATES,
  type Invitation,
  invitationSheet,
  listInvitations,
  resendInvitation,
} from '@gatehouse/shared/wire/api/invitations.ts'
import { useState } from 'react'
import { Link } from 'react-router'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo, useSave } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { Fact, Facts, ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { useSay } from '../ui/said.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayDay, sayMoment, type Zone } from '../ui/when.ts'
import { AskedSettings } from './asked-settings.tsx'
import { INVITATION_STATE_TONES, INVITATION_STATE_WORDS, WAY_WORDS } from './invitation-words.ts'

/** Who was invited to an account, and what became of it. */
export function InvitationsPage() {
  const address = useAddress()
  const zone = useZone()
  const maySet = useMay('settings:update')
  const [setting, setSetting] = useState(false)
  const state = INVITATION_STATES.find(known => known === address.get('state'))
  const [search, batchId] = [address.get('search'), address.get('batch')]
  const invitations = useAsk(
    listInvitations,
    { query: { page: pageOf(address), state, search, batchId } },
    { keep: true, refetchMs: 5_000 },
  )
  const rows = invitations.data?.data ?? []
  const opened = rows.find(({ id }) => id === address.get('open'))
  const narrowed = [search, state, batchId].some(word => word !== undefined)
  return (
    <Page title="Invitations" acts={maySet && <Button onClick={() => setSetting(true)}>What is asked for</Button>}>
      <ListFrame
        side={
          opened && (
            <SidePanel title={opened.student.name}>
              <Opened invitation={opened} />
            </SidePanel>
          )
        }
      >
        <ListTools>
          <SearchField address={address} label="Name, number or e-mail" />
          <Chips name="State">
            <Chip on={state === undefined} onPress={() => address.set({ state: null })}>
              All
            </Chip>
            {INVITATION_STATES.map(each => (
              <Chip key={each} on={state === each} onPress={() => address.set({ state: each })}>
                {INVITATION_STATE_WORDS[each]}
              </Chip>
            ))}
          </Chips>
          {batchId !== undefined && (
            <Batch
              batchId={batchId}
              total={invitations.data?.pagination?.total ?? 0}
              isPrint={rows[0]?.by === 'print'}
            />
          )}
        </ListTools>
        {invitations.isPending && <Waiting rows={8} />}
        {invitations.isError && <Failed error={invitations.error} retry={() => void invitations.refetch()} />}
        {invitations.data &&
          rows.length === 0 &&
          (narrowed ? (
            <Empty
              title="No invitation fits"
              act={<Button onClick={() => address.set({ search: null, state: null, batch: null })}>Show all</Button>}
            >
              Those of a job that has just begun come in one after another.
            </Empty>
          ) : (
            <Empty
              title="Nobody was invited yet"
              act={
                <Link to="/students" className="quiet-link">
                  To the students
                </Link>
              }
            >
              With an account a student has the pass on the phone. Choose students, then “Invite to accounts”.
            </Empty>
          ))}
        {rows.length > 0 && (
          <Table
            name="Invitations, newest first"
            columns={columns(zone)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened?.id}
          />
        )}
        <Pager pagination={invitations.data?.pagination ?? null} address={address} />
      </ListFrame>
      {setting && <AskedSettings onClose={() => setSetting(false)} />}
    </Page>
  )
}

/** A batch that was made at once: its sheets, a hundred codes a file. */
function Batch({
  batchId,
  total,
  isPrint,
}: {
  readonly batchId: string
  readonly total: number
  readonly isPrint: boolean
}) {
  const save = useSave(invitationSheet)
  const mayPrint = useMay('user:create')
  if (!isPrint || !mayPrint) return null
  const parts = Array.from({ length: Math.ceil(total / CODES_A_FILE) }, (_, at) => at + 1)
  return (
    <div className="flex w-full flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {parts.map(part => (
          <Button
            key={part}
            icon="print"
            busy={save.isPending && save.variables?.query?.part === part && 'Making …'}
            onClick={() => save.mutate({ params: { batchId }, query: { part } })}
          >
            {parts.length === 1 ? 'Save the sheets' : `Sheets ${part} of ${parts.length}`}
          </Button>
        ))}
      </div>
      <Problem error={save.error} />
    </div>
  )
}

function columns(zone: Zone): readonly Column<Invitation>[] {
  return [
    { name: 'Student', cell: ({ student }) => <bdi>{student.name}</bdi> },
    {
      name: 'Number',
      cell: ({ student }) => <span className="font-mono text-13">{student.studentNumber}</span>,
      className: 'w-36 hidden md:table-cell',
    },
    { name: 'How', cell: ({ by }) => WAY_WORDS[by], className: 'w-28 hidden md:table-cell' },
    {
      name: 'State',
      cell: ({ state }) => <Badge tone={INVITATION_STATE_TONES[state]}>{INVITATION_STATE_WORDS[state]}</Badge>,
      className: 'w-28 md:w-32',
    },
    {
      name: 'Until',
      cell: ({ expiresAt }) => <span className="text-muted">{sayDay(expiresAt, zone)}</span>,
      className: 'w-36 hidden lg:table-cell',
    },
  ]
}

function Opened({ invitation }: { readonly invitation: Invitation }) {
  const nowMs = useNow()
  const zone = useZone()
  const say = useSay()
  const address = useAddress()
  const [mayEnd, mayResend] = [useMay('user:update'), useMay('user:create')]
  const end = useDo(endInvitation)
  const resend = useDo(resendInvitation)
  const params = { invitationId: invitation.id }
  const { state, by, student } = invitation
  return (
    <div className="flex flex-col gap-4">
      <div>
        <Badge tone={INVITATION_STATE_TONES[state]}>{INVITATION_STATE_WORDS[state]}</Badge>
      </div>
      {state !== 'claimed' && (
        <div className="flex flex-wrap gap-2">
          {mayResend && (
            <Button
              busy={resend.isPending && 'Making …'}
              onClick={() =>
                resend.mutate(
                  { params },
                  {
                    onSuccess: made => {
                      say({ text: by === 'mail' ? 'A new link is on its way' : 'There is a new code to print' })
                      address.set({ batch: made.batchId, open: made.id, state: null })
                    },
                  },
                )
              }
            >
              {by === 'mail' ? 'Send a new link' : 'Make a new code'}
            </Button>
          )}
          {mayEnd && state === 'open' && (
            <Button
              tone="danger"
              busy={end.isPending && 'Taking back …'}
              onClick={() =>
                end.mutate({ params }, { onSuccess: () => say({ text: 'Taken back; it opens nothing now' }) })
              }
            >
              Take it back
            </Button>
          )}
        </div>
      )}
      <Problem error={end.error ?? resend.error} />
      <Facts>
        <Fact name="Student">
          <Link to={`/students/${student.id}`} className="quiet-link">
            <bdi>{student.name}</bdi>
          </Link>
        </Fact>
        <Fact name="How">{WAY_WORDS[by]}</Fact>
        {invitation.to && (
          <Fact name="To">
            <bdi>{invitation.to}</bdi>
          </Fact>
        )}
        <Fact name="Made">{sayMoment(invitation.madeAt, nowMs, zone)}</Fact>
        <Fact name="Until">{sayMoment(invitation.expiresAt, nowMs, zone)}</Fact>
        {invitation.claimedAt && <Fact name="Claimed">{sayMoment(invitation.claimedAt, nowMs, zone)}</Fact>}
        {state === 'open' && <Fact name="Wrong tries left">{invitation.triesLeft}</Fact>}
      </Facts>
    </div>
  )
}
