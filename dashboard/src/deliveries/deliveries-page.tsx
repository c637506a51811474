import {
  DELIVERY_CHANNELS,
  type Delivery,
  listDeliveries,
  replayDelivery,
} from '@gatehouse/shared/wire/api/deliveries.ts'
import { useMay } from '../api/session-context.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Page } from '../frame/page.tsx'
import { KIND_WORDS } from '../inbox/kind-words.ts'
import { Badge } from '../ui/badge.tsx'
import { Button, Chip, Chips } from '../ui/button.tsx'
import { Fact, Facts, ListFrame, ListTools, SidePanel } from '../ui/list-frame.tsx'
import { Empty, Failed, Problem, Waiting } from '../ui/notice.tsx'
import { Pager, pageOf } from '../ui/pager.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useAddress } from '../ui/use-address.ts'
import { useNow } from '../ui/use-now.ts'
import { useZone } from '../ui/use-zone.ts'
import { sayAgo, sayMoment } from '../ui/when.ts'
import { CHANNEL_WORDS, STATE_TONES, STATE_WORDS } from './delivery-words.ts'
import { Webhooks } from './webhooks.tsx'

/** What was sent by which way and what became of it; and the web hooks. */
export function DeliveriesPage() {
  const address = useAddress()
  const nowMs = useNow(10_000)
  const channel = DELIVERY_CHANNELS.find(known => known === address.get('channel'))
  const isFailed = address.get('state') === 'failed'
  const sent = useAsk(
    listDeliveries,
    { query: { page: pageOf(address), channel, state: isFailed ? ('failed' as const) : undefined } },
    { keep: true, refetchMs: 5_000 },
  )
  const rows = sent.data?.data ?? []
  const opened = rows.find(({ id }) => id === address.get('open'))
  return (
    <Page title="Deliveries">
      {useMay('webhook:manage') && <Webhooks />}
      <ListFrame
        side={
          opened && (
            <SidePanel title={KIND_WORDS[opened.kind]}>
              <Opened delivery={opened} />
            </SidePanel>
          )
        }
      >
        <ListTools>
          <Chips name="Way">
            <Chip on={channel === undefined} onPress={() => address.set({ channel: null })}>
              All
            </Chip>
            {DELIVERY_CHANNELS.map(each => (
              <Chip key={each} on={channel === each} onPress={() => address.set({ channel: each })}>
                {CHANNEL_WORDS[each]}
              </Chip>
            ))}
            <Chip on={isFailed} onPress={() => address.set({ state: isFailed ? null : 'failed' })}>
              Failed only
            </Chip>
          </Chips>
        </ListTools>
        {sent.isPending && <Waiting rows={8} />}
        {sent.isError && <Failed error={sent.error} retry={() => void sent.refetch()} />}
        {sent.data && rows.length === 0 && (
          <Empty title="Nothing was sent">Mail, push and text messages and web hooks of the last thirty days.</Empty>
        )}
        {rows.length > 0 && (
          <Table
            name="Deliveries, newest first"
            columns={columns(nowMs)}
            rows={rows}
            rowKey={({ id }) => id}
            rowTo={({ id }) => address.with('open', id)}
            openKey={opened?.id}
          />
        )}
        <Pager pagination={sent.data?.pagination ?? null} address={address} />
      </ListFrame>
    </Page>
  )
}

function columns(nowMs: number): readonly Column<Delivery>[] {
  return [
    {
      name: 'To',
      cell: ({ to, kind, channel }) => (
        <>
          <bdi>{to}</bdi>
          <span className="block text-13 font-normal text-muted md:hidden">
            {KIND_WORDS[kind]}, {CHANNEL_WORDS[channel].toLowerCase()}
          </span>
        </>
      ),
    },
    { name: 'What', cell: ({ kind }) => KIND_WORDS[kind], className: 'hidden md:table-cell' },
    { name: 'Way', cell: ({ channel }) => CHANNEL_WORDS[channel], className: 'w-36 hidden lg:table-cell' },
    {
      name: 'State',
      cell: ({ state }) => <Badge tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Badge>,
      className: 'w-36 md:w-44',
    },
    {
      name: 'Made',
      cell: ({ madeAt }) => <span className="text-muted">{sayAgo(madeAt, nowMs)}</span>,
      className: 'w-36 hidden lg:table-cell',
    },
  ]
}

function Opened({ delivery }: { readonly delivery: Delivery }) {
  const nowMs = useNow()
  const zone = useZone()
  const again = useDo(replayDelivery)
  const mayAgain = useMay('webhook:manage')
  const { channel, state } = delivery
  const canAgain = channel !== 'email' && (state === 'failed' || (channel === 'webhook' && state === 'sent'))
  return (
    <div className="flex flex-col gap-4">
      <Facts>
        <Fact name="To">
          <bdi className="break-all">{delivery.to}</bdi>
        </Fact>
        <Fact name="Way">{CHANNEL_WORDS[channel]}</Fact>
        <Fact name="State">{STATE_WORDS[state]}</Fact>
        <Fact name="Made">{sayMoment(delivery.madeAt, nowMs, zone)}</Fact>
        {delivery.endedAt && <Fact name="Ended">{sayMoment(delivery.endedAt, nowMs, zone)}</Fact>}
        <Fact name="Tries">{delivery.tries}</Fact>
        {delivery.status !== null && <Fact name="HTTP status">{delivery.status}</Fact>}
        {delivery.tookMs !== null && <Fact name="Took">{delivery.tookMs.toLocaleString()} ms</Fact>}
      </Facts>
      {delivery.answer && (
        <p className="rounded-6 bg-sunken p-3 font-mono text-13 break-words" dir="auto">
          {delivery.answer}
        </p>
      )}
      <Problem error={again.error} />
      {mayAgain && canAgain && (
        <Button
          className="self-start"
          busy={again.isPending && 'Asking …'}
          onClick={() => again.mutate({ params: { deliveryId: delivery.id } })}
        >
          Send again
        </Button>
      )}
    </div>
  )
}
