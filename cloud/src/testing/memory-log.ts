import type { Log } from '../broker/broker.ts'

export type MemoryLog = Log & {
  readonly lines: readonly { readonly event: string; readonly fields: Record<string, unknown> }[]
  /** The first line of this event, those already written included. */
  said(event: string): Promise<Record<string, unknown>>
}

/** A log that a test can read and wait for. */
export function memoryLog(): MemoryLog {
  const lines: { event: string; fields: Record<string, unknown> }[] = []
  const waiting: { event: string; tell: (fields: Record<string, unknown>) => void }[] = []

  const write = (fields: object, event: string) => {
    const line = { event, fields: fields as Record<string, unknown> }
    lines.push(line)
    for (const wait of waiting.filter(({ event: wanted }) => wanted === event)) wait.tell(line.fields)
  }
  return {
    lines,
    info: write,
    warn: write,
    error: write,
    said(event) {
      const found = lines.find(line => line.event === event)
      if (found !== undefined) return Promise.resolve(found.fields)
      return new Promise(tell => waiting.push({ event, tell }))
    },
  }
}
