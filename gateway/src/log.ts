/** What happened, as an event with fields; never a credential, a card number or a secret among them. */
export type Log = {
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
  error(fields: object, event: string): void
}
