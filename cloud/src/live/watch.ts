/** What is said to the people who watch, for who listens in this process. Nothing is kept: who comes later has missed it. */
export type Watch = {
  /** Called for everything that reaches the watchers of this process, whichever process it comes from. */
  tell(topic: string, payload: string): void
  /** Until the answer is called. */
  hear(topic: string, heard: (payload: string) => void): () => void
}

export function openWatch(): Watch {
  const listeners = new Map<string, Set<(payload: string) => void>>()
  return {
    tell(topic, payload) {
      for (const heard of listeners.get(topic) ?? []) heard(payload)
    },
    hear(topic, heard) {
      const all = listeners.get(topic) ?? new Set()
      listeners.set(topic, all.add(heard))
      return () => {
        all.delete(heard)
        if (all.size === 0 && listeners.get(topic) === all) listeners.delete(topic)
      }
    },
  }
}
