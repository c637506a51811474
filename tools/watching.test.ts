import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import express from 'express'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { openMeters } from '../cloud/src/http/metrics.ts'

/** The files for operators name meters, fields and places of ours: here they are held to what there is. */

const DOCKER = resolve(import.meta.dirname, '../docker')
const read = (file: string) => readFileSync(join(DOCKER, file), 'utf8')
type Rule = { readonly alert: string; readonly expr: string; readonly annotations: Record<string, string> }
const rules: Rule[] = parse(read('prometheus/alerts.yml')).groups.flatMap((group: { rules: Rule[] }) => group.rules)
type Panel = { readonly title: string; readonly targets: { readonly expr: string }[] }
const panels: Panel[] = JSON.parse(read('grafana/gatehouse.json')).panels

/** Prometheus's own. */
const OTHERS = ['up']
const WORDS = ['and', 'or', 'unless', 'on', 'ignoring', 'offset', 'bool']

/** What a process says when it is asked, by its kind. */
async function metersThere(): Promise<Set<string>> {
  const meters = openMeters()
  const zero = { super_admin: 0, school_admin: 0, staff: 0, security: 0, facilities: 0, student: 0 }
  const readings = {
    jobs: async () => [],
    services: () => new Map(),
    survey: async () => ({ gatesEnrolled: 0, gatesOnline: 0, oldestListAtMs: 0, activeUsers: zero }),
    nowMs: () => 0,
  }
  const server = createServer(express().use(meters.routes(readings, null, () => {})))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const text = await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)).text()
  server.close()
  const kinds = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Set(
    kinds.flatMap(([, name, kind]) =>
      kind === 'histogram' ? ['_bucket', '_sum', '_count'].map(end => name! + end) : [name!],
    ),
  )
}

function metersIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without)\s*\([^)]*\)/g, '')
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()/g)]
    .map(([name]) => name)
    .filter(name => !WORDS.includes(name))
}

test('names in an expression are found, and words of the language are not', () => {
  expect(
    metersIn('histogram_quantile(0.95, sum by (le, route) (rate(a_seconds_bucket{x="y z"}[5m]))) > 1 and b'),
  ).toEqual(['a_seconds_bucket', 'b'])
})

test('every meter that an alert or a panel looks at is one that a process has', async () => {
  const there = await metersThere()
  const looked = [
    ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ]
  expect(looked.length).toBeGreaterThan(20)
  for (const [where, expr] of looked) {
    const names = metersIn(expr)
    expect([where, names.length > 0]).toEqual([where, true])
    expect([where, names.filter(name => !there.has(name) && !OTHERS.includes(name))]).toEqual([where, []])
  }
})

test('every alert says what it means and what to do', () => {
  for (const { alert, annotations } of rules) {
    expect([alert, annotations.summary, annotations.description]).toEqual([
      alert,
      expect.any(String),
      expect.any(String),
    ])
  }
})

test('every event that an alert sends people to is one that is logged', () => {
  const source = [
    'cloud/src/jobs/workers.ts',
    'cloud/src/events/ingest.ts',
    'cloud/src/main.ts',
    'cloud/src/http/server.ts',
    'cloud/src/cli/run.ts',
  ]
    .map(file => readFileSync(resolve(DOCKER, '..', file), 'utf8'))
    .join('\n')
  const named = rules.flatMap(({ annotations }) => annotations.description!.match(/\b[a-z]+\.[a-z]+_?[a-z]*\b/g) ?? [])
  expect(named.length).toBeGreaterThan(4)
  for (const event of named) expect(source).toContain(`'${event}'`)
})

test('what ships the log reads the service of the compose file, and each part is fed by one that is there', () => {
  const vector = parse(read('vector.yaml'))
  const compose = parse(read('compose.yml'))
  const [label] = vector.sources.containers.include_labels as string[]
  expect(Object.keys(compose.services)).toContain(label!.split('=')[1])
  const parts = { ...vector.sources, ...vector.transforms }
  for (const part of Object.values({ ...vector.transforms, ...vector.sinks }) as { inputs: string[] }[])
    for (const input of part.inputs) expect(Object.keys(parts)).toContain(input)
})
