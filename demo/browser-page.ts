// The built page in a real browser, for its test and its screenshots: builds it, serves it below some path, opens it by
// puppeteer. Needs the environment of src/node/bootstrap.mjs (CHROMIUM).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, type Browser } from 'puppeteer';
import { build, preview } from 'vite';
import { chromiumArgs } from '../src/node/browser.mjs';

const configFile = fileURLToPath(new URL('./vite.config.ts', import.meta.url));

export interface ServedDemo {
  readonly url: string;
  readonly browser: Browser;
  /** Where the built files are. */
  readonly folder: string;
  close(): Promise<void>;
}

export async function serveDemo(): Promise<ServedDemo> {
  const outDir = mkdtempSync(join(tmpdir(), 'polyadic-demo-'));
  // Vite takes NODE_ENV=test, which Vitest sets, as a wish for development code.
  const settings = { configFile, mode: 'production', logLevel: 'warn' } as const;
  await build({ ...settings, build: { outDir } });
  const server = await preview({ ...settings, base: '/some/path/', build: { outDir }, preview: { port: 0 } });
  const browser = await launch({
    ...(process.env['CHROMIUM'] ? { executablePath: process.env['CHROMIUM'] } : {}),
    args: chromiumArgs(),
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('serveDemo: expected the preview server to have an address, got none.');
  return {
    url,
    browser,
    folder: outDir,
    async close() {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}
