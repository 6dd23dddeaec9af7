// Serves the files of a folder to a browser, and waits for what the program of a page leaves in `outcome`.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Browser } from 'puppeteer';

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript' };

export interface Served {
  readonly url: string;
  /** Paths that were asked for, as `/index.html`. */
  readonly requested: ReadonlySet<string>;
  close(): void;
}

export async function serveFolder(folder: string): Promise<Served> {
  const requested = new Set<string>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requested.add(pathname);
    const file = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
    try {
      const content = readFileSync(file);
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, requested, close: () => void server.close() };
}

/** What the program of a page found; or what went wrong on the page. */
export async function outcomeAt(browser: Browser, url: string): Promise<unknown> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400 && !response.url().endsWith('favicon.ico'))
      complaints.push(`${response.status()}: ${response.url()}`);
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => 'outcome' in globalThis, { timeout: 120_000 });
    return await page.evaluate(() => (globalThis as unknown as { outcome: unknown }).outcome);
  } catch (error) {
    return { error: String(error), complaints };
  } finally {
    await page.close();
  }
}
