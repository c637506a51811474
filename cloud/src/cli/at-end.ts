/** What the process still has to send once the service has stopped. */
export const atEnd: (() => Promise<void>)[] = []
