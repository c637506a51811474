/** A reason not to start that a person can act on: one sentence, shown as it is, without a stack. */
export class Sorry extends Error {}
