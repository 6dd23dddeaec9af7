// What the end-to-end tests of the demo share: pages opened on addresses of the demo that test/support/built.ts serves, and a list of
// everything that a quiet page does not do: errors and warnings in the console, requests to anywhere else.
import { connect, type Browser, type Page } from 'puppeteer';
import type { Reply, Request } from '../../demo/worker/protocol.js';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';

export interface Pages {
  /** Opens `#ADDRESS`; `before` may change the page before its code runs. */
  open(address: string, before?: (page: Page) => Promise<unknown>): Promise<Page>;
}

/** To be called once, at the top of a test file. */
export function usePages(): Pages {
  const { url, browser: browserWSEndpoint } = inject('demo');
  let browser: Browser | undefined;
  let complaints: string[] = [];
  let pages: Page[] = [];

  beforeAll(async () => {
    browser = await connect({ browserWSEndpoint });
  });
  afterAll(() => browser?.disconnect());
  afterEach(async () => {
    const seen = complaints;
    complaints = [];
    await Promise.all(pages.map((page) => page.close()));
    pages = [];
    expect(seen, 'console and network').toEqual([]);
  });

  async function open(address: string, before?: (page: Page) => Promise<unknown>): Promise<Page> {
    if (!browser) throw new Error('usePages: the browser is there only while tests run.');
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
    // Only a page that hangs waits for so long.
    page.setDefaultTimeout(300_000);
    await page.evaluateOnNewDocument(countRequests);
    await before?.(page);
    await page.goto(`${url}#${address}`);
    return page;
  }

  return { open };
}

interface Requests {
  /** Reports that the page has asked its worker for. */
  asked: number;
  /** Whether any has come. */
  answered: boolean;
  /** Runs that have not answered yet. */
  readonly open: Set<number>;
}

/** Runs in the page, before its code: counts what the page asks its worker for (demo/worker/protocol.ts). */
function countRequests(): void {
  const requests: Requests = { asked: 0, answered: false, open: new Set() };
  Object.assign(window, { requests });
  window.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
        if (data.kind === 'opened' || data.kind === 'started') return;
        requests.open.delete(data.run);
        requests.answered = true;
      });
    }
    override postMessage(request: Request): void {
      if (request.kind === 'pull') {
        requests.asked++;
        requests.open.add(request.run);
      }
      if (request.kind === 'end') requests.open.delete(request.run);
      super.postMessage(request);
    }
  };
}

const requestsOf = (page: Page) =>
  page.evaluate(() => {
    const { asked, open } = (window as unknown as { requests: Requests }).requests;
    return { asked, open: open.size };
  });

/** The worker is computing something that the page has asked for. */
export const isBusy = (page: Page) =>
  page.waitForFunction(() => (window as unknown as { requests: Requests }).requests.open.size > 0);

/** The page shows the first that its worker has found. */
export async function hasAnswer(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as unknown as { requests: Requests }).requests.answered);
  await frames(page, 2);
}

/** Animation frames of the page: it asks for reports in no other. */
const frames = (page: Page, count: number) =>
  page.evaluate(async (wanted) => {
    for (let k = 0; k < wanted; k++) await new Promise(requestAnimationFrame);
  }, count);

/** Every request is answered and none follows: nothing is computed, and nothing will be. */
export async function standsStill(page: Page): Promise<void> {
  for (;;) {
    await page.waitForFunction(() => (window as unknown as { requests: Requests }).requests.open.size === 0);
    const before = await requestsOf(page);
    // More than there are between two reports, at the slowest speed.
    await frames(page, 30);
    const after = await requestsOf(page);
    if (after.open === 0 && after.asked === before.asked) return;
  }
}

export const inPhase = (page: Page, phase: string) => page.waitForSelector(`[data-phase=${phase}]`);

export const textOf = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent ?? '');

/**
 * For pages.open(): the page clicks `button` itself as soon as it shows `shown`. A click sent from here would come after a delay, in
 * which a quick computation may end.
 */
export const clickOnceShown = (shown: string, button: string) => (page: Page) =>
  page.evaluateOnNewDocument(
    (awaited, clicked) => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector(awaited)) return;
        observer.disconnect();
        document.querySelector<HTMLElement>(clicked)?.click();
      });
      observer.observe(document, { childList: true, subtree: true, attributes: true });
    },
    shown,
    button,
  );

/** Selects a `<data>` whose number is set and not 0. */
export const begun = (name: string): string => `[data-reading=${name}][value]:not([value="0"])`;

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
