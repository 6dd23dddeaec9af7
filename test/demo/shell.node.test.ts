// The frame of the demo in a real Chromium: tabs and addresses, the keyboard, a hidden page, a lost device, no WebGPU, a phone, and
// the budget of compressed JavaScript, first content before any of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { launch, type Page } from 'puppeteer';
import { expect, inject, test } from 'vitest';
import { views } from '../../demo/views/views.js';
import { chromiumArgs } from '../../src/node/browser.mjs';
import { deviceOf, hasAnswer, inPhase, readingOf, standsStill, textOf, usePages } from './pages.js';

const pages = usePages();

const small = 'problem=orthogonal&order=3&dim=6&rank=2&ratio=2&problemSeed=1&width=8&seed=5&algorithms=deflation';

const statusSays = (page: Page, words: string) =>
  page.waitForFunction((part) => document.querySelector('.status')?.textContent?.includes(part), {}, words);

/** What a page is told when its tab is put into the background, or back to the front. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    hidden ? 'hidden' : 'visible',
  );

test('the page loads and runs nothing but its own files', async () => {
  const page = await pages.open('/discover');
  const policy = await page.$eval('meta[http-equiv="Content-Security-Policy"]', (meta) => meta.getAttribute('content'));
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/'unsafe-eval'|unsafe-inline|https?:/);
});

test('every view has a tab with an address of its own, and the back button goes back', async () => {
  const page = await pages.open(`/discover?${small}&backend=cpu`);
  await inPhase(page, 'finished');
  const tabs = await page.$$eval('nav a', (links) =>
    links.map((link) => [link.getAttribute('href'), link.textContent]),
  );
  expect(tabs).toEqual(Object.entries(views).map(([name, { title }]) => [`#/${name}`, title]));
  expect(await page.$$eval('nav [aria-current=page]', (links) => links.map((link) => link.textContent))).toEqual([
    'Discover',
  ]);
  for (const name of Object.keys(views).filter((name) => name !== 'discover')) {
    await page.click(`nav a[href="#/${name}"]`);
    await page.waitForSelector(`[data-view=${name}] h1`);
    expect(await textOf(page, 'nav [aria-current=page]')).toBe(views[name]?.title);
    expect(await page.title()).toBe(`${views[name]?.title} · polyadic`);
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.goBack();
    await page.waitForSelector('[data-view=discover] h1');
    expect(page.url()).toContain('order=3&dim=6&rank=2&ratio=2');
  }
});

test('an address without a view, or of one that there is not, opens the first', async () => {
  const page = await pages.open('/nowhere?seed=1');
  await page.waitForSelector('[data-view=discover] h1');
});

test('the keyboard reaches the tabs first, and may skip them', async () => {
  const page = await pages.open(`/discover?${small}&backend=cpu`);
  await inPhase(page, 'finished');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('skip');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('view');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('play');
});

test.each(['cpu', 'webgpu'])(
  'a page hidden for long ends its worker on %s, and resumes where it was',
  async (backend) => {
    const page = await pages.open(`/discover?${small}&backend=${backend}&speed=slow&stepSize=0.02`, (fresh) =>
      // Fifteen seconds of patience, in a hundredth of the time.
      fresh.evaluateOnNewDocument(() => {
        const original = window.setTimeout.bind(window);
        window.setTimeout = ((run: () => void, wait = 0) => original(run, wait / 100)) as typeof window.setTimeout;
      }),
    );
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#tick')?.max) >= 3);
    await page.click('#play');
    await inPhase(page, 'paused');
    await standsStill(page);
    const step = await readingOf(page, 'step');
    expect(page.workers()).toHaveLength(1);
    await setHidden(page, true);
    await page.waitForSelector('[data-worker=closed]');
    await expect.poll(() => page.workers(), { timeout: 300_000 }).toHaveLength(0);
    await setHidden(page, false);
    await statusSays(page, 'the same to the last bit');
    expect(await readingOf(page, 'step')).toBe(step);
    await page.click('#step-once');
    await page.waitForFunction(
      (before) => Number(document.querySelector<HTMLDataElement>('[data-reading=step]')?.value) > before,
      {},
      step,
    );
  },
);

test('a lost device is replaced, and the run goes on', async () => {
  const page = await pages.open(`/discover?${small}&backend=cpu`);
  await inPhase(page, 'finished');
  const loseDevice = await deviceOf(page);
  const algorithms = small.replace('deflation', 'deflation,beyondLazy');
  await page.evaluate(
    (hash) => (location.hash = hash),
    `/discover?${algorithms}&backend=webgpu&speed=slow&stepSize=0.02`,
  );
  await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#tick')?.max) >= 3);
  await loseDevice();
  await page.select('#field-speed', 'fast');
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=stop]')).toBe('converged');
});

test.runIf(process.env['POLYADIC_ADAPTER'] === 'software')(
  'auto: the CPU where WebGPU is software, with a notice',
  async () => {
    const page = await pages.open(`/discover?${small}&backend=auto`);
    await inPhase(page, 'finished');
    expect(await textOf(page, '[data-reading=backend]')).toBe('CPU, float64');
    expect(await textOf(page, '[data-reading=notice]')).toContain('WebGPU makes large ones fast');
  },
);

test('without WebGPU: the CPU with a plain notice how to get it, and by name an error that says so', async () => {
  const executablePath = process.env['CHROMIUM'];
  const browser = await launch({
    ...(executablePath ? { executablePath } : {}),
    args: [...chromiumArgs().filter((argument) => !argument.includes('webgpu')), '--disable-features=WebGPU'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`${inject('demo').url}#/discover?${small}&speed=fast`);
    await inPhase(page, 'finished');
    expect(await textOf(page, '[data-reading=backend]')).toBe('CPU, float64');
    expect(await textOf(page, '[data-reading=notice]')).toMatch(/hardware acceleration|have it/);
    await page.select('#field-backend', 'webgpu');
    await inPhase(page, 'failed');
    expect(await textOf(page, '.status')).toContain("Use { backend: 'cpu' }");
  } finally {
    await browser.close();
  }
});

test('a phone sees all of it: no sideways scrolling, one row of tabs, every field labeled', async () => {
  for (const name of Object.keys(views)) {
    const page = await pages.open(`/${name}`, (fresh) => fresh.setViewport({ width: 360, height: 740 }));
    await page.waitForSelector(`[data-view=${name}] h1`);
    await hasAnswer(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360);
    const unlabeled = await page.$$eval('input, select', (fields) =>
      fields
        .filter((field) => !(field as HTMLInputElement).labels?.[0]?.textContent && !field.getAttribute('aria-label'))
        .map((field) => field.id),
    );
    expect(unlabeled, name).toEqual([]);
    const tabs = await page.$$eval('nav a', (links) =>
      links.map((link) => {
        const { top, right } = link.getBoundingClientRect();
        return { top, right, current: link.ariaCurrent !== null };
      }),
    );
    expect(new Set(tabs.map(({ top }) => top)).size, `rows of tabs, ${name}`).toBe(1);
    expect(tabs.find(({ current }) => current)?.right, `end of the current tab, ${name}`).toBeLessThanOrEqual(360);
    expect(await cutLabels(page), name).toEqual([]);
  }
});

/** Choices of which the select shows no more than a part, beside its arrow. */
const cutLabels = (page: Page): Promise<string[]> =>
  page.$$eval('select', (selects) =>
    selects.flatMap((select) => {
      const { font, paddingLeft } = getComputedStyle(select);
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      if (!context) throw new Error('no canvas to measure text on');
      context.font = font;
      const arrow = 24;
      const room = select.clientWidth - parseFloat(paddingLeft) - arrow;
      return [...select.options].map(({ text }) => text).filter((text) => context.measureText(text).width > room);
    }),
  );

test('the budget: 305 kB of compressed JavaScript for all views together, and first content before any of it', async () => {
  const { folder } = inject('demo');
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const sizes = scripts.map((file) => gzipSync(readFileSync(join(folder, file))).length);
  expect(scripts.length).toBeGreaterThan(2);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(305_000);

  const page = await pages.open('/discover', (fresh) => fresh.setJavaScriptEnabled(false));
  expect(await textOf(page, 'h1')).toBe('Watch a tensor come apart');
});
