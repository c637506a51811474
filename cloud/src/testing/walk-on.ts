/** A browser as far as signing on needs one: a jar of cookies, and walking from page to page. */
export type Walker = {
  readonly jar: Map<string, string>
  /** One page; answers where it sends on to, null where it stays. */
  go(address: string): Promise<string | null>
  /** From page to page until `until`; each address that was seen. */
  follow(address: string, until: (seen: string) => boolean): Promise<readonly string[]>
}

const STEPS_MAX = 12

/** `to` says where a page is really fetched, for a service whose public address is not the one it listens on. */
export function walker(to: (address: string) => string = address => address): Walker {
  const jar = new Map<string, string>()
  const go = async (address: string) => {
    const answer = await fetch(to(address), {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), 'sec-fetch-site': 'none' },
    })
    await answer.body?.cancel()
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';')[0]!.split('=')
      if (value === '') jar.delete(name!)
      else jar.set(name!, value!)
    }
    const location = answer.headers.get('location')
    return location === null ? null : new URL(location, address).href
  }
  return {
    jar,
    go,
    async follow(address, until) {
      const seen = [address]
      while (!until(seen.at(-1)!)) {
        const next = await go(seen.at(-1)!)
        if (next === null || seen.length > STEPS_MAX) break
        seen.push(next)
      }
      return seen
    },
  }
}
