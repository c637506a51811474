/** What the system said, and what a person at the gate can do about it. The library has no codes, only text. */
const REMEDIES: readonly (readonly [RegExp, (path: string) => string])[] = [
  [
    /EACCES|permission denied/i,
    path => `no permission on ${path}: add the user to group dialout and sign in again (sudo adduser "$USER" dialout)`,
  ],
  [
    /EBUSY|busy|cannot lock|temporarily unavailable/i,
    path => `${path} is in use by another program: stop it (fuser ${path} names it), or give another port`,
  ],
  [
    /ENOENT|no such file|ENXIO|ENODEV|no such device/i,
    path => `there is no ${path}: plug the device in, or name it as /dev/serial/by-id shows it`,
  ],
  [/ENOTTY|inappropriate ioctl|not a tty/i, path => `${path} is no serial port: check the path`],
]

/** One sentence for a port that could not be opened. */
export function serialProblem(path: string, error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  for (const [pattern, sentence] of REMEDIES) if (pattern.test(said)) return sentence(path)
  return `${path} could not be opened: ${said}`
}
