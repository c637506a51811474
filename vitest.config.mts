import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const node = { environment: 'node' as const, testTimeout: 20_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    // Once more where a busy machine ran a test out of its time, and only then: a wrong answer is red the first time.
    retry: { count: 1, condition: /^(Test|Hook) timed out in |Timeout \d+ms exceeded/ },
    // A PGlite is 400 MB and a start-up of seconds: two workers are what two cores and a laptop's memory take.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...node,
          name: 'node',
          include: ['{shared,firmware-protocol,gateway}/src/**/*.test.ts', 'tools/**/*.test.ts'],
        },
      },
      {
        // The file that Node takes: Vitest by itself takes another one for what it reads than Node does for packages, and graphql refuses to be there twice.
        resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
        // One process after the other file, and what is loaded, compiled and warm stays: half the time. No file leaves anything behind.
        test: { ...node, name: 'cloud', include: ['cloud/src/**/*.test.ts'], isolate: false },
      },
      'dashboard/vite.config.ts',
    ],
  },
})
