import type { Log } from '../log.ts'

/** Keeps what was logged, one text an entry. */
export function memoryLog(): Log & { readonly entries: string[] } {
  const entries: string[] = []
  const write = (level: string) => (fields: object, event: string) =>
    void entries.push(`${level} ${event} ${JSON.stringify(fields)}`)
  return { entries, info: write('info'), warn: write('warn'), error: write('error') }
}
