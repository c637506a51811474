/// <reference types="vitest/config" />
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** A running cloud, for the development server in front of it. */
const cloud = process.env.GATEHOUSE_DEV_TARGET ?? 'http://localhost:8080'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The first browsers with light-dark(): an older target would have every colour written twice.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Our policy takes fonts and pictures from this host only, so none may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // mqtt is one file of 340 kB, and only the pages that watch fetch it.
    chunkSizeWarningLimit: 360,
  },
  server: {
    proxy: {
      '/api': { target: cloud, changeOrigin: true },
      '/device': { target: cloud, changeOrigin: true },
      '/mqtt': { target: cloud, changeOrigin: true, ws: true },
    },
  },
  test: {
    name: 'dashboard',
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
  },
})
