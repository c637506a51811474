import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'

/**
 * The arrows of the house, as a test: who may import whom, that nothing goes round in circles, and that rooms which
 * only compute touch neither clock, disk nor wire. TypeScript and the linter hold the rest.
 */

const ROOT = resolve(import.meta.dirname, '..')

/** Room -> the rooms it may import. Nothing else. */
const ARROWS: Record<string, readonly string[]> = {
  shared: [],
  'firmware-protocol': ['shared'],
  gateway: ['shared', 'firmware-protocol'],
  cloud: ['shared'],
  dashboard: ['shared'],
}
const PURE_ROOMS = ['shared/src', 'firmware-protocol/src']

/** Packages that one file knows, wherever they are used outside tests. */
const ONE_FILE_KNOWS = [
  'serialport',
  '@serialport/parser-readline',
  'node-hid',
  'aedes',
  'ioredis',
  'pg',
  '@electric-sql/pglite',
  '@node-rs/argon2',
  '@peculiar/x509',
  'ws',
  'fontkit',
  'pdfkit',
  'sharp',
  'passkit-generator',
  'pg-boss',
  'zod-openapi',
  'swagger-ui-dist',
  'libphonenumber-js',
  'yauzl',
  'csv-parse',
  'nodemailer',
]

type Source = {
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
  readonly isTest: boolean
}

const sources = Object.keys(ARROWS).flatMap(room => read(join(ROOT, room, 'src')))

test('rooms import only along the arrows', () => {
  const bent = sources.flatMap(source => {
    const room = source.path.split('/')[0]!
    return roomsOf(source)
      .filter(other => other !== room && !ARROWS[room]!.includes(other))
      .filter(other => !(source.isTest && other === 'tools'))
      .map(other => `${source.path} -> ${other}`)
  })
  expect(bent).toEqual([])
})

test('no file imports itself by way of others', () => {
  expect(cycles(sources)).toEqual([])
})

test('rooms that only compute have no clock, chance, disk, wire or Buffer', () => {
  const forbidden =
    /\bfrom 'node:|\bimport\('node:|\bBuffer\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|Temporal\.Now\b|\bprocess\.|\bsetTimeout\(|\bsetInterval\(|\bfetch\(/
  const touching = sources
    .filter(source => PURE_ROOMS.some(room => source.path.startsWith(`${room}/`)))
    .filter(source => !source.isTest && !source.path.startsWith('shared/src/cli/'))
    .filter(source => forbidden.test(withoutComments(source.text)))
  expect(touching.map(source => source.path)).toEqual([])
})

test('what runs in production imports nothing from a testing folder or a test', () => {
  const leaning = sources
    .filter(source => !source.isTest)
    .filter(source =>
      source.imports.some(name => /(^|\/)testing\//.test(name) || /\.test\.tsx?$/.test(name) || /^vitest/.test(name)),
    )
  expect(leaning.map(source => source.path)).toEqual([])
})

test('only configuration files of tools have a default export', () => {
  const found = sources.filter(source => /^export default\b/m.test(source.text))
  expect(found.map(source => source.path)).toEqual([])
})

test('one file knows each package that touches the world', () => {
  for (const name of ONE_FILE_KNOWS) {
    const knowing = sources.filter(
      source =>
        !source.isTest &&
        valueImports(source.text).some(imported => imported === name || imported.startsWith(`${name}/`)),
    )
    expect(
      knowing.map(source => source.path).slice(1),
      `${name} is known to ${knowing.map(source => source.path).join(' and ')}`,
    ).toEqual([])
  }
})

test('a file is named for its noun: kebab-case', () => {
  const odd = sources.filter(
    source => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|repo|routes|bench))*\.(ts|tsx)$/.test(source.path.split('/').at(-1)!),
  )
  expect(odd.map(source => source.path)).toEqual([])
})

function read(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name) && !/\.d\.ts$/.test(name))
    .map(name => {
      const path = relative(ROOT, join(folder, name)).split(sep).join('/')
      const text = readFileSync(join(ROOT, path), 'utf8')
      return { path, text, imports: importsOf(text), isTest: /\.test\.tsx?$/.test(path) || /\/testing\//.test(path) }
    })
}

function importsOf(text: string): string[] {
  const found = withoutComments(text).matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g)
  return [...found].map(match => match[1]!)
}

/** Imports that are there at run time: a type costs nothing and binds nothing. */
function valueImports(text: string): string[] {
  const found = withoutComments(text).matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/gm,
  )
  return [...found].map(match => match[1] ?? match[2]!)
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

/** The rooms a file reaches: by package name, or by walking out of its own folder. */
function roomsOf(source: Source): string[] {
  return source.imports.flatMap(name => {
    if (name.startsWith('@gatehouse/')) return [name.split('/')[1]!]
    return name.startsWith('.') ? [targetOf(source, name).split('/')[0]!] : []
  })
}

function targetOf(source: Source, name: string): string {
  if (name.startsWith('@gatehouse/')) return name.replace(/^@gatehouse\/([^/]+)\//, '$1/src/')
  return relative(ROOT, resolve(ROOT, dirname(source.path), name))
    .split(sep)
    .join('/')
}

function cycles(all: readonly Source[]): string[] {
  const next = new Map(
    all.map(source => [
      source.path,
      source.imports
        .filter(name => name.startsWith('.') || name.startsWith('@gatehouse/'))
        .map(name => targetOf(source, name)),
    ]),
  )
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    else if (!done.has(path)) {
      for (const target of next.get(path) ?? []) visit(target, [...trail, path])
      done.add(path)
    }
  }
  for (const path of next.keys()) visit(path, [])
  return found
}
