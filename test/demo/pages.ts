// What the end-to-end tests of the demo share: the page built once and served below some path, pages opened on addresses of it,
// and a list of everything that a quiet page does not do: errors and warnings in the console, requests to anywhere else.
import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { serveDemo, type ServedDemo } from '../../demo/browser-page.js';

export interface Pages {
  readonly demo: ServedDemo;
  /** Opens `#ADDRESS`; `before` may change the page before its code runs. */
  open(address: string, before?: (page: Page) => Promise<unknown>): Promise<Page>;
}

/** To be called once, at the top of a test file. */
export function usePages(): Pages {
  let demo: ServedDemo | undefined;
  let complaints: string[] = [];
  let pages: Page[] = [];

  beforeAll(async () => {
    demo = await serveDemo();
  });
  afterAll(() => demo?.close());
  afterEach(async () => {
    const seen = complaints;
    complaints = [];
    await Promise.all(pages.map((page) => page.close()));
    pages = [];
    expect(seen, 'console and network').toEqual([]);
  });

  const served = (): ServedDemo => {
    if (!demo) throw new Error('usePages: the page is served only while tests run.');
    return demo;
  };

  async function open(address: string, before?: (page: Page) => Promise<unknown>): Promise<Page> {
    const { url, browser } = served();
    const page = await browser.newPage();
    pages.push(page);
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url)) complaints.push(request.url());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
    });
    await before?.(page);
    await page.goto(`${url}#${address}`);
    return page;
  }

  return {
    get demo() {
      return served();
    },
    open,
  };
}

export const inPhase = (page: Page, phase: string) =>
  page.waitForSelector(`[data-phase=${phase}]`, { timeout: 30_000 });

export const textOf = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent ?? '');

/** The exact number of a `<data>`; `where` narrows it to a panel. */
export const readingOf = (page: Page, name: string, where = '') =>
  page.$eval(`${where} [data-reading=${name}]`, (found) => Number((found as HTMLDataElement).value));

/** Notes the devices that the worker opens from now on; to be called to take the last one away. */
export async function deviceOf(page: Page): Promise<() => Promise<void>> {
  const [worker] = page.workers();
  if (!worker) throw new Error('deviceOf: expected a worker, got none. Wait for a run to begin.');
  await worker.evaluate(() => {
    type Open = (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice>;
    const open: Open = Reflect.get(GPUAdapter.prototype, 'requestDevice');
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      const device = await open.call(this, descriptor);
      Object.assign(globalThis, { device });
      return device;
    };
  });
  return () => worker.evaluate(() => (globalThis as unknown as { device: GPUDevice }).device.destroy());
}

/** Types a value into a field and leaves it. */
export async function fill(page: Page, name: string, value: string): Promise<void> {
  await page.$eval(
    `#field-${name}`,
    (field, text) => {
      (field as HTMLInputElement).value = text;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    },
    value,
  );
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
