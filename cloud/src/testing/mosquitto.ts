import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { find } from '../../../tools/needs.ts'
import { freePort } from './free-port.ts'

const FILES = new URL('../../../docker/mosquitto/', import.meta.url)

export type TestMosquitto = { readonly port: number; stop(): Promise<void> }

/** Debian's Mosquitto with the files of docker/mosquitto, beside a cloud with this data folder; it waits for the cloud's certificate. */
export async function startMosquitto(dataFolder: string): Promise<TestMosquitto> {
  const port = await freePort()
  const config = (await readFile(new URL('mosquitto.conf', FILES), 'utf8'))
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replaceAll('/data/', `${dataFolder}/`)
    .replaceAll('/mosquitto/config/', `${dataFolder}/`)
    .replaceAll('/mosquitto/data/', `${dataFolder}/`)
  await mkdir(join(dataFolder, 'mqtt'), { recursive: true })
  // As root Mosquitto takes another uid, and could not read what the cloud wrote for it.
  const asRoot = process.getuid?.() === 0 ? 'user root\n' : ''
  await writeFile(join(dataFolder, 'mosquitto.conf'), `${config}\n${asRoot}`)
  await cp(new URL('acl', FILES), join(dataFolder, 'acl'))
  await chmod(join(dataFolder, 'acl'), 0o600)

  const run = join(FILES.pathname, 'run.sh')
  const child: ChildProcess = spawn('sh', [run, join(dataFolder, 'mosquitto.conf'), join(dataFolder, 'mqtt')], {
    env: { PATH: `${process.env.PATH}:${dirname(find('mosquitto')!)}` },
    stdio: 'ignore',
  })
  return {
    port,
    async stop() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}
