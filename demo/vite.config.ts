// The demo page: `npm run dev` serves it, `npm run build` writes it to dist/demo. Its links are relative, so the files
// work from any path of any static server.
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/**
 * What the page that is built may load and run: its own files, no other host, no text as code. WebAssembly is code by another name to a
 * policy. The server of `npm run dev` puts scripts of its own into the page, and so has none.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const withPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
      injectTo: 'head-prepend',
    },
  ],
};

/** Hashes do not compress, and each import has one. */
const chunkFileNames = 'assets/[name]-[hash:6].js';

/** What so many algorithms and views share is one file: dozens of small ones compress worse by themselves. */
const sharedByMany = [{ name: 'shared', minShareCount: 3 }];

export default defineConfig({
  plugins: [withPolicy],
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // Also lowers `using`, which browsers before 2025 lack.
  oxc: { target: 'es2022' },
  worker: { format: 'es', rolldownOptions: { output: { chunkFileNames, codeSplitting: { groups: sharedByMany } } } },
  // Named here because the server would find them late, in the worker, and reload the page.
  optimizeDeps: { include: ['fflate', 'uplot', 'wgsl-preprocessor/wgsl-preprocessor.js'] },
  build: {
    target: 'es2022',
    outDir: '../dist/demo',
    emptyOutDir: true,
    // Browsers with module workers know modulepreload.
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { chunkFileNames } },
  },
});
