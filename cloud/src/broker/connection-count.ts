export type Place = {
  /** It has shown who it is. */
  accepted(): void
  leave(): void
}

export type ConnectionCount = {
  /** Null when this address has as many as it may. */
  enter(address: string): Place | null
}

export type ConnectionLimits = { readonly perAddressMax: number; readonly unacceptedMax: number }

/** Counts the connections of an address, and among them those that have not shown who they are. */
export function connectionCount({ perAddressMax, unacceptedMax }: ConnectionLimits): ConnectionCount {
  const counts = new Map<string, { all: number; unaccepted: number }>()

  return {
    enter(address) {
      const count = counts.get(address) ?? { all: 0, unaccepted: 0 }
      if (count.all >= perAddressMax || count.unaccepted >= unacceptedMax) return null
      count.all++
      count.unaccepted++
      counts.set(address, count)

      let waiting = true
      let inside = true
      const accepted = () => {
        if (waiting) count.unaccepted--
        waiting = false
      }
      return {
        accepted,
        leave() {
          if (!inside) return
          inside = false
          accepted()
          count.all--
          if (count.all === 0) counts.delete(address)
        },
      }
    },
  }
}
