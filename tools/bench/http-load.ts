import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'

/** Asks one address again and again, from a process of its own, as those who ask a service are elsewhere. */
export type HttpLoad = Disposable & {
  /** Resolves to the requests a second that were answered with 200; rejects at the first that was not. */
  rate(wanted: Wanted): Promise<number>
}

type Wanted = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly count: number
  readonly atOnce: number
}
type Told = { readonly perSecond: number } | { readonly problem: string }

export function httpLoad(): HttpLoad {
  const child = fork(import.meta.filename, ['load'])
  return {
    async rate(wanted) {
      const told = once(child, 'message') as Promise<[Told]>
      child.send(wanted)
      const [answer] = await told
      if ('problem' in answer) throw new Error(answer.problem)
      return answer.perSecond
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}

async function ask({ url, headers, count, atOnce }: Wanted): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const get = () =>
    new Promise<void>((resolve, reject) => {
      request(url, { agent, headers }, answer => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${url} said ${answer.statusCode}`)),
        )
      })
        .on('error', reject)
        .end()
    })
  const began = performance.now()
  let left = count
  const line = async () => {
    while (left-- > 0) await get()
  }
  await Promise.all(Array.from({ length: atOnce }, line))
  agent.destroy()
  return count / ((performance.now() - began) / 1000)
}

if (process.argv[2] === 'load' && process.send !== undefined) {
  process.on('message', (wanted: Wanted) => {
    const tell = (told: Told) => process.send!(told)
    ask(wanted).then(
      perSecond => tell({ perSecond }),
      problem => tell({ problem: String(problem) }),
    )
  })
}
