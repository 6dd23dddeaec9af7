// Once before the tests of test/cli, test/demo and the package: builds the command line and the demo page, serves the page, and opens
// one browser for all of them. Starting the command line from its sources would take ten times as long.
// The build lies inside the project, where it finds the optional package webgpu.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { serveDemo } from '../../demo/browser-page.js';
import { root } from './project-files.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** What `npm run build` writes for Node: the library and the command line, cli.js. */
    dist: string;
    demo: {
      readonly url: string;
      /** The built files. */
      readonly folder: string;
      /** Where puppeteer connects to the browser. */
      readonly browser: string;
    };
  }
}

export default async function buildAndServe(project: TestProject): Promise<() => Promise<void>> {
  const cache = join(root, 'node_modules', '.cache', 'polyadic');
  mkdirSync(cache, { recursive: true });
  const dist = mkdtempSync(join(cache, 'tested-'));
  // Vite takes NODE_ENV=test, which Vitest sets, as a wish for development code.
  await build({ root, mode: 'production', logLevel: 'warn', build: { outDir: dist, emptyOutDir: true } });
  const demo = await serveDemo();
  project.provide('dist', dist);
  project.provide('demo', { url: demo.url, folder: demo.folder, browser: demo.browser.wsEndpoint() });
  return async () => {
    await demo.close();
    rmSync(dist, { recursive: true, force: true });
  };
}
