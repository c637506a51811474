import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The Node that runs Gatehouse: the pinned one that npm brought, never `node_modules/.bin/node`, which npm 10 leaves
 * out when two packages offer the same name. Elsewhere the person's own, when it can do it.
 */
export function runtime(root) {
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(pinned)) return pinned

  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 24) {
    throw new Error(
      `there is no bundled Node for ${process.platform}-${process.arch}, and this one is ${process.versions.node}. Install Node 24 and run the same command again.`,
    )
  }
  if (major > 26 || (major === 26 && minor >= 3)) {
    throw new Error(
      `Node ${process.versions.node} stalls while reading serial ports, so a card would wait for the next timer. Install Node 24 and run the same command again.`,
    )
  }
  return process.execPath
}
