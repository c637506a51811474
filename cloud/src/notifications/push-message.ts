import webPush from 'web-push'

/** Base64url: an uncompressed point of P-256, and its private number. */
export type PushKeys = { readonly publicKey: string; readonly privateKey: string }

export type Subscription = {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

/** How long a push service keeps a message for a browser that is not there. */
const KEEP_S = 86_400

/** New keys for VAPID, base64url. The one file that knows `web-push`; requests are made elsewhere, to addresses that were checked. */
export function newPushKeys(): PushKeys {
  return webPush.generateVAPIDKeys()
}

/** A push message as a request: encrypted for one browser (RFC 8291, aes128gcm) and signed (RFC 8292). */
export function pushRequest(
  subscription: Subscription,
  payload: string,
  {
    keys,
    contact,
    topic,
  }: {
    readonly keys: PushKeys
    readonly contact: string
    /** Of messages with one topic a push service keeps the last (RFC 8030): at most 32 characters. */
    readonly topic: string
  },
): { readonly url: URL; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer | null } {
  const { endpoint, headers, body } = webPush.generateRequestDetails(subscription, payload, {
    vapidDetails: { subject: contact, ...keys },
    TTL: KEEP_S,
    contentEncoding: 'aes128gcm',
    topic,
  })
  const said = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return { url: new URL(endpoint), headers: said, body }
}
