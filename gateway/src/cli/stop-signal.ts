/** Aborts when the process is told to end: SIGTERM, Ctrl-C, or the end of the process that started it and gave it a channel. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  if (process.channel) {
    process.once('disconnect', end)
    // The channel is only listened to for its end, and must not keep the process alive.
    process.channel.unref()
  }
  return stop.signal
}
