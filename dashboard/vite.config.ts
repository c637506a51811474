/// <reference types="vitest/config" />
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** A running cloud, for the development server in front of it. */
const cloud = process.env.GATEHOUSE_DEV_TARGET ?? 'http://localhost:8080'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), offlineCopy()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The first browsers with light-dark(): an older target would have every colour written twice.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Our policy takes fonts and pictures from this host only, so none may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Zod is told what it may not do in the file that it is in: however the pages are cut, no schema is made before.
        codeSplitting: { groups: [{ name: 'zod', test: /node_modules\/zod\/|api\/no-eval\.ts$/ }] },
      },
    },
    // mqtt is one file of 340 kB, and only the pages that watch fetch it.
    chunkSizeWarningLimit: 360,
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': { target: cloud, changeOrigin: true },
      '/auth': { target: cloud, changeOrigin: true },
      '/device': { target: cloud, changeOrigin: true },
      '/mqtt': { target: cloud, changeOrigin: true, ws: true },
      '/graphql': { target: cloud, changeOrigin: true, ws: true },
    },
  },
  test: {
    name: 'dashboard',
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
  },
})

/** The student's page, installable and kept on the phone; nothing else is answered from a copy. It is registered by that page alone. */
function offlineCopy() {
  return VitePWA({
    registerType: 'prompt',
    injectRegister: false,
    manifest: {
      id: '/my',
      name: 'Gatehouse pass',
      short_name: 'My pass',
      description: 'Your pass for the gates, also without a network.',
      start_url: '/my',
      scope: '/',
      display: 'standalone',
      background_color: '#f6f7f9',
      theme_color: '#0b5fce',
      icons: [
        { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
        { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
        { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      ],
    },
    workbox: {
      globPatterns: ['**/*.{html,js,css,woff2,svg}'],
      // What watches and what reads codes is for other people.
      globIgnores: [
        '**/mqtt*.js',
        '**/verify-page*.js',
        '**/code-worker*.js',
        '**/*cyrillic*',
        '**/*greek*',
        '**/*vietnamese*',
      ],
      navigateFallback: '/index.html',
      navigateFallbackAllowlist: [/^\/my\/?$/],
      navigateFallbackDenylist: [/^\/api/, /^\/device/, /^\/mqtt/, /^\/graphql/],
      cleanupOutdatedCaches: true,
    },
  })
}
