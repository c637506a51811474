import { connect, type Socket } from 'node:net'

/** What clamd takes at once; its own limit is for the whole stream (`StreamMaxLength`, 100 MB by itself). */
const PIECE_BYTES = 64 * 1024
/** `stream: Some.Name FOUND` */
const ANSWER_BYTES_MAX = 4096

export type Scanner = {
  /** The name of what was found; null: nothing. Throws when clamd did not answer, or could not scan. */
  scan(bytes: Uint8Array, signal: AbortSignal): Promise<string | null>
  /** Throws when clamd does not answer. */
  ping(signal: AbortSignal): Promise<void>
}

/** Speaks clamd's own protocol (clamd(8), INSTREAM): `tcp://host:port`, or `unix:///path` of its socket. */
export function clamd(address: string): Scanner {
  const ask = (words: string, bytes: Uint8Array | null, signal: AbortSignal) =>
    converse(address, { words, bytes, signal })
  return {
    async scan(bytes, signal) {
      const answer = await ask('zINSTREAM', bytes, signal)
      if (answer === 'stream: OK') return null
      const found = /^stream: (.{1,200}) FOUND$/.exec(answer)
      if (found !== null) return found[1]!
      throw new Error(`clamd could not scan: ${answer.slice(0, 200)}`)
    },
    async ping(signal) {
      const answer = await ask('zPING', null, signal)
      if (answer !== 'PONG') throw new Error(`clamd answered a ping with: ${answer.slice(0, 200)}`)
    },
  }
}

function open(address: string): Socket {
  const { protocol, hostname, port, pathname } = new URL(address)
  return protocol === 'unix:'
    ? connect(decodeURIComponent(pathname))
    : connect(Number(port || 3310), hostname.replace(/^\[|\]$/g, ''))
}

type Said = { readonly words: string; readonly bytes: Uint8Array | null; readonly signal: AbortSignal }

async function converse(address: string, { words, bytes, signal }: Said): Promise<string> {
  signal.throwIfAborted()
  const socket = open(address)
  const stop = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('clamd took too long'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    const answered = answerOf(socket)
    // A clamd that says no closes while it is still being told: what it said counts, not the broken pipe.
    socket.write(`${words}\0`)
    if (bytes !== null) for (const piece of framed(bytes)) socket.write(piece)
    return await answered
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

/** Each piece behind its length in four bytes, and a length of nothing at the end. */
function* framed(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES)
    yield lengthOf(piece.length)
    yield piece
  }
  yield lengthOf(0)
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}

function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let size = 0
    const said = () => Buffer.concat(pieces).toString('utf8').split('\0')[0]!.trim()
    socket.on('data', piece => {
      pieces.push(piece)
      size += piece.length
      if (piece.includes(0) || size > ANSWER_BYTES_MAX) resolve(said())
    })
    socket.on('error', problem => (size > 0 ? resolve(said()) : reject(problem)))
    socket.on('close', () => (size > 0 ? resolve(said()) : reject(new Error('clamd hung up without an answer'))))
  })
}
