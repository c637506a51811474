import { AsyncLocalStorage } from 'node:async_hooks'

const requests = new AsyncLocalStorage<string>()

/** Does `work`, and everything it begins, as part of the request with this id. */
export function inRequest<Answer>(requestId: string, work: () => Answer): Answer {
  return requests.run(requestId, work)
}

/** The id of the request this is done for; null where nobody asked, such as in a job. */
export function requestNow(): string | null {
  return requests.getStore() ?? null
}
