import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { mustBeFree } from './free-port.ts'
import { readSettings } from './settings.ts'

const somewhere = () => mkdtempSync(join(tmpdir(), 'gatehouse-campus-'))

describe('the data folder', () => {
  test('is made fresh, and is warm the second time', () => {
    const path = join(somewhere(), 'new')
    openDataFolder(path, { reset: false })[Symbol.dispose]()
    using again = openDataFolder(path, { reset: false })
    expect(again.fresh).toBe(false)
  })

  test('a second start on it hears that one is running', () => {
    const path = somewhere()
    using _first = openDataFolder(path, { reset: false })
    expect(() => openDataFolder(path, { reset: false })).toThrow(/already running on/)
    expect(() => openDataFolder(path, { reset: true })).toThrow(/already running on/)
  })

  test('a reset deletes what was kept', () => {
    const path = somewhere()
    {
      using folder = openDataFolder(path, { reset: false })
      writeFileSync(folder.file('kept'), 'x')
    }
    using anew = openDataFolder(path, { reset: true })
    expect(anew.fresh).toBe(true)
    expect(existsSync(join(path, 'kept'))).toBe(false)
  })

  test('a folder with other things in it is never touched, not even by a reset', () => {
    const path = somewhere()
    writeFileSync(join(path, 'thesis.doc'), 'years of work')
    expect(() => openDataFolder(path, { reset: true })).toThrow(/other things than a campus/)
    expect(existsSync(join(path, 'thesis.doc'))).toBe(true)
  })

  test('a broken one is said to be broken', () => {
    const path = somewhere()
    writeFileSync(join(path, 'campus.json'), '{"layo')
    expect(() => openDataFolder(path, { reset: false })).toThrow(/is broken/)
  })

  test('one of another version is said to be so', () => {
    const path = somewhere()
    writeFileSync(join(path, 'campus.json'), '{"layout":99}')
    expect(() => openDataFolder(path, { reset: false })).toThrow(/another version/)
  })

  test('a full disk is said to be full, and the folder is let go', () => {
    const path = somewhere()
    const freeBytes = () => 5 * 1024 * 1024
    expect(() => openDataFolder(path, { reset: false, freeBytes })).toThrow(/disk is full: 5 MB are left/)
    openDataFolder(path, { reset: false })[Symbol.dispose]()
  })

  test('a path that is a file is one clear sentence', () => {
    const path = join(somewhere(), 'file')
    writeFileSync(path, '')
    expect(() => openDataFolder(path, { reset: false })).toThrow(/cannot be used \(EEXIST\)/)
  })
})

test('a port in use is named with its setting', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await expect(mustBeFree(port, 'GATEHOUSE_HTTP_PORT')).rejects.toThrow(
    new RegExp(`Port ${port} is in use.*GATEHOUSE_HTTP_PORT=`),
  )
  await new Promise(resolve => server.close(resolve))
  await expect(mustBeFree(port, 'GATEHOUSE_HTTP_PORT')).resolves.toBeUndefined()
})

describe('settings', () => {
  test('have defaults', () => {
    expect(readSettings({}, '/srv')).toEqual({ data: '/srv/.gatehouse', httpPort: 8080, mqttPort: 8883 })
  })

  test('every mistake is named', () => {
    expect(readSettings({ GATEHOUSE_HTTP_PORT: 'web', GATEHOUSE_MQTT_PORT: '70000' }, '/srv')).toEqual({
      mistakes: ['GATEHOUSE_HTTP_PORT must be a number', 'GATEHOUSE_MQTT_PORT must be 1 to 65535'],
    })
  })
})
