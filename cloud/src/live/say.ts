import type { PublishOptions } from '../broker/broker.ts'

/** Says something to the people who watch, at every process. Nothing waits for it: what is missed is in the database. */
export type Say = (topic: string, payload: string, options: PublishOptions) => void
