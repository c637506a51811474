import { config } from 'zod'

// A schema tries whether it may compile itself to a function, and our policy reports the try. It must be told before
// the first schema is made, so whoever starts the page imports this first.
config({ jitless: true })
