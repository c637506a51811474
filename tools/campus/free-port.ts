import { createServer } from 'node:net'
import { Sorry } from './sorry.ts'

/** Says so before anything is started when a port is taken: by another program, or for root only. */
export async function mustBeFree(port: number, setting: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (problem: NodeJS.ErrnoException) => {
      if (problem.code === 'EACCES')
        reject(new Sorry(`Port ${port} is for root only. Choose one above 1023 with ${setting}.`))
      else
        reject(
          new Sorry(
            `Port ${port} is in use by another program. Stop that, or choose another with ${setting}=${port + 1000}.`,
          ),
        )
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve)
  })
  await new Promise(resolve => server.close(resolve))
}
