/** How the lab is built: static files that work from any sub-path, offline once loaded. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

export default defineConfig({
  base: './',
  plugins: [
    react(),
    VitePWA({
      registerType: 'prompt',
      workbox: {
        globPatterns: ['**/*.{js,css,html,wasm,png,json,md,woff2,svg,safetensors}'],
        // The TensorFlow.js backends and their WebAssembly are what makes the lab work offline.
        maximumFileSizeToCacheInBytes: 8 * 2 ** 20,
      },
      manifest: {
        name: 'Priorscape', short_name: 'Priorscape', description: 'A lab in a browser tab for informative priors.',
        display: 'standalone', start_url: './', theme_color: '#1b2a41', background_color: '#ffffff',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' }],
      },
    }),
  ],
  worker: { format: 'es' },
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 3000 },
});
