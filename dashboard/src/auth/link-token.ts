/** The token behind # of a mailed or printed link, taken out of the address: nobody who looks over a shoulder copies it. */
export function takeLink(): string | null {
  const token = /^#([\w-]{43})$/.exec(window.location.hash)?.[1] ?? null
  if (token !== null) window.history.replaceState(null, '', window.location.pathname)
  return token
}
