/** Whether a topic fits a filter (MQTT 3.1.1 section 4.7), the name of a shared subscription left aside. */
export function fitsFilter(filter: string, topic: string): boolean {
  const wanted = filter.replace(/^\$share\/[^/]+\//, '').split('/')
  const levels = topic.split('/')
  if (wanted.at(-1) === '#') {
    const before = wanted.slice(0, -1)
    return levels.length >= before.length && before.every((level, at) => level === '+' || level === levels[at])
  }
  return levels.length === wanted.length && wanted.every((level, at) => level === '+' || level === levels[at])
}
