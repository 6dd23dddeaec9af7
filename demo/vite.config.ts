// The demo page: `npm run dev` serves it, `npm run build` writes it to dist/demo. Its links are relative, so the files
// work from any path of any static server.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // Also lowers `using`, which browsers before 2025 lack.
  oxc: { target: 'es2022' },
  worker: { format: 'es' },
  // Named here because the server would find them late, in the worker, and reload the page.
  optimizeDeps: { include: ['fflate', 'uplot', 'wgsl-preprocessor/wgsl-preprocessor.js'] },
  build: { target: 'es2022', outDir: '../dist/demo', emptyOutDir: true },
});
