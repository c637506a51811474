import CircuitBreaker from 'opossum'

/** Ten calls in ten seconds of which half failed: half a minute of rest, and three good tries one by one before all go again. */
const WINDOW_MS = 10_000
const CALLS_MIN = 10
/** The package opens above, not at. */
const FAILED_PERCENT = 49.9
const REST_MS = 30_000
const PROOFS = 3
/** Issuers and services that schools name; the one unused longest goes. */
const BREAKERS_MAX = 500

export type GuardOptions = {
  /** One call takes no longer; then its signal aborts, and it has failed. */
  readonly timeoutMs: number
  /** Whether the service is to blame. An answer that says no, such as an unknown address, is no failure of the service. */
  readonly isFailure?: (problem: unknown) => boolean
}

/**
 * Calls a service outside, or says at once that it is away: throws `ServiceAway` while it rests, `ServiceSlow` when it does
 * not answer in time, and what `call` throws. `name` is shared by all calls to one service: its kind, and where there
 * are several, which: `smtp`, `oidc login.example.org`. Meters and health say the kind only.
 */
export type Guarded = <Answer>(
  name: string,
  options: GuardOptions,
  call: (signal: AbortSignal) => Promise<Answer>,
) => Promise<Answer>

export type BreakerState = 'closed' | 'half_open' | 'open'

export type Breakers = {
  readonly guarded: Guarded
  states(): ReadonlyMap<string, BreakerState>
  close(): void
}

export class ServiceAway extends Error {
  override readonly name = 'ServiceAway'
  constructor(service: string) {
    super(`${service} fails too often and is left alone for ${REST_MS / 1000} s. Try again after that.`)
  }
}

export class ServiceSlow extends Error {
  override readonly name = 'ServiceSlow'
  constructor(service: string, timeoutMs: number) {
    super(`${service} did not answer within ${timeoutMs} ms.`)
  }
}

/** The kind of a service, which is never a school's text. */
export function kindOfService(name: string): string {
  return name.split(' ', 1)[0]!
}

export type BreakersNeeds = {
  /** A breaker opened, tries again or closed. */
  readonly onTurned?: (name: string, state: BreakerState) => void
}

/** The one file that knows `opossum`. */
export function openBreakers({ onTurned = () => {} }: BreakersNeeds = {}): Breakers {
  const breakers = new Map<string, Breaker>()

  const breakerOf = (name: string): Breaker => {
    const known = breakers.get(name)
    if (known !== undefined) {
      breakers.delete(name)
      breakers.set(name, known)
      return known
    }
    if (breakers.size >= BREAKERS_MAX) {
      const [oldest, breaker] = breakers.entries().next().value!
      breaker.shutdown()
      breakers.delete(oldest)
    }
    const made = new Breaker(name)
    const turned = () => onTurned(name, stateOf(made))
    made.on('open', turned).on('halfOpen', turned).on('close', turned)
    breakers.set(name, made)
    return made
  }

  return {
    guarded: async (name, options, call) => {
      const came = await breakerOf(name)
        .fire(name, options, call)
        .catch(problem => {
          throw isRefusal(problem) ? new ServiceAway(name) : problem
        })
      if ('no' in came) throw came.no
      return came.answer as never
    },
    states: () => new Map([...breakers].map(([name, breaker]) => [name, stateOf(breaker)])),
    close() {
      for (const breaker of breakers.values()) breaker.shutdown()
      breakers.clear()
    },
  }
}

type Call = [name: string, options: GuardOptions, call: (signal: AbortSignal) => Promise<unknown>]
type Came = { readonly answer: unknown } | { readonly no: unknown }

/** The package closes after one good try; here it takes three, and never two at a time. */
class Breaker extends CircuitBreaker<Call, Came> {
  #proofs = 0
  #trying = false

  constructor(name: string) {
    super((...call: Call) => withinTime(...call), {
      name,
      timeout: false,
      resetTimeout: REST_MS,
      rollingCountTimeout: WINDOW_MS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      volumeThreshold: CALLS_MIN,
      errorThresholdPercentage: FAILED_PERCENT,
    })
    // What its `call` asks before it lets one through; declared a plain property by its types.
    Object.defineProperty(this, 'pendingClose', { get: () => this.halfOpen && !this.#trying })
  }

  override async fire(...call: Call): Promise<Came> {
    if (!this.pendingClose) return super.fire(...call)
    const tried = super.fire(...call)
    this.#trying = true
    try {
      return await tried
    } finally {
      this.#trying = false
    }
  }

  override close(): void {
    if (this.halfOpen && ++this.#proofs < PROOFS) return
    this.#proofs = 0
    super.close()
  }

  override open(): void {
    this.#proofs = 0
    super.open()
  }
}

/** The call ends with its time, whether or not it listens to its signal. */
async function withinTime(...[name, { timeoutMs, isFailure = () => true }, call]: Call): Promise<Came> {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const slow = new ServiceSlow(name, timeoutMs)
      reject(slow)
      stopping.abort(slow)
    }, timeoutMs)
  })
  try {
    return { answer: await Promise.race([call(stopping.signal), late]) }
  } catch (problem) {
    if (problem instanceof ServiceSlow || isFailure(problem)) throw problem
    return { no: problem }
  } finally {
    clearTimeout(timer)
  }
}

function stateOf(breaker: Breaker): BreakerState {
  return breaker.opened ? 'open' : breaker.halfOpen ? 'half_open' : 'closed'
}

function isRefusal(problem: unknown): boolean {
  return problem instanceof Error && CircuitBreaker.isOurError(problem)
}
