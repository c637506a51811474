/** The one place that knows where `Temporal` comes from: Node 24 does not have it, and the polyfill hands over to the native one where there is one. */
export { Temporal } from 'temporal-polyfill'
