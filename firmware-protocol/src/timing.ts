/** Times of the door protocol, in milliseconds. Both sides keep the same. */

/** A request, or an event, is said again after this long without an answer. */
export const TRY_MS = 100
/** How often a request is said in all. */
export const TRIES_MAX = 3
/** Between heartbeats, where nothing else is said. */
export const HEARTBEAT_MS = 1_000
/** Silence after which the controller takes the host for lost and makes everything safe; and the host the controller. */
export const HOST_LOST_MS = 3_000
/** A pulse that has not begun by then does not begin: longer than all tries, and no person waits longer. */
export const START_MS_MAX = 500
