// The demo page end to end: built, served below some path, opened in a real Chromium. Checks numbers against the library
// in Node, the flow control (pause, step, resume), the address, the keyboard, and that the page is quiet: no errors or
// warnings in its console, no request to anywhere else.
import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { serveDemo, type ServedDemo } from '../../demo/browser-page.js';
import { decompose, factored } from '../../src/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';

let demo: ServedDemo;
let complaints: string[] = [];
let pages: Page[] = [];

beforeAll(async () => {
  demo = await serveDemo();
});
afterAll(() => demo.close());

afterEach(async () => {
  const seen = complaints;
  complaints = [];
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
  expect(seen, 'console and network').toEqual([]);
});

/** A small run that ends within a second, unless the hash says otherwise. */
const small = 'problem=symmetric&order=3&dim=6&rank=2&width=8&problemSeed=1&seed=5&initScale=0.01&rate=1&speed=fast';

async function open(hash: string): Promise<Page> {
  const page = await demo.browser.newPage();
  pages.push(page);
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(demo.url) && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(`${demo.url}#${hash}`);
  return page;
}

const inPhase = (page: Page, phase: string) => page.waitForSelector(`[data-phase=${phase}]`, { timeout: 30_000 });
const textOf = (page: Page, id: string) => page.$eval(`#${id}`, (element) => element.textContent ?? '');
const valueOf = (page: Page, id: string) =>
  page.$eval(`#${id}`, (element) => Number((element as HTMLDataElement).value));
const stepPast = (page: Page, step: number) =>
  page.waitForFunction((least) => Number((document.getElementById('step') as HTMLDataElement).value) > least, {}, step);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('it starts by itself, converges, and shows the error that the library finds in Node', async () => {
  const page = await open(`${small}&backend=cpu&tolerance=0.005`);
  await inPhase(page, 'finished');

  const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 2, seed: 1 });
  const expected = await decompose(factored({ ...truth, dim: 6 }), {
    algorithm: { kind: 'vanilla', initScale: 0.01 },
    ...{ width: 8, seed: 5, tolerance: 0.005, backend: 'cpu' },
  });

  expect(await textOf(page, 'stop')).toBe('converged');
  // Not to the last digit: two versions of V8 round Math.pow and Math.cos differently.
  expect(Math.abs((await valueOf(page, 'error')) / expected.relativeError - 1)).toBeLessThan(1e-9);
  expect(await textOf(page, 'error')).toBe(String(Number(expected.relativeError.toPrecision(4))));
  expect(expected.relativeError).toBeLessThanOrEqual(0.005);
  expect(await valueOf(page, 'step')).toBe(expected.steps);
  expect(await textOf(page, 'found')).toBe('2 of 2');
  expect(await textOf(page, 'backend')).toBe('CPU, float64');
  expect(await textOf(page, 'seeds')).toBe('truth 1, start 5');
  expect(await page.$$eval('#match rect', (cells) => cells.length)).toBe(8 + 2 * 8);
});

test('the page as it opens, without settings, finds every part', async () => {
  const page = await open('');
  await inPhase(page, 'finished');
  expect(await textOf(page, 'stop')).toBe('converged');
  expect(await valueOf(page, 'error')).toBeLessThanOrEqual(0.01);
  expect(await textOf(page, 'found')).toBe('4 of 4');
  expect(page.url()).toContain('problemSeed=');
});

test('pausing by keyboard stops the steps, one step is one report, resuming goes on', async () => {
  const page = await open(`${small}&backend=cpu&rate=0.02&speed=slow&tolerance=0`);
  await stepPast(page, 0);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('pause');
  await page.keyboard.press('Space');
  await inPhase(page, 'paused');
  await pause(300);
  const paused = await valueOf(page, 'step');
  await pause(700);
  expect(await valueOf(page, 'step')).toBe(paused);
  expect(await textOf(page, 'status')).toContain(`Paused at step ${paused.toLocaleString('en')}`);

  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await stepPast(page, paused);
  await pause(300);
  expect(await valueOf(page, 'step')).toBe(paused + 50);

  await page.focus('#pause');
  await page.keyboard.press('Enter');
  await stepPast(page, paused + 100);
  expect(await textOf(page, 'status')).toBe('Running.');
});

test('the address holds the configuration, and a new address is run', async () => {
  const page = await open(`${small}&backend=cpu&tolerance=0.02`);
  await inPhase(page, 'finished');
  const [address, first] = [page.url(), await valueOf(page, 'error')];

  await page.select('#field-order', '4');
  await page.waitForFunction(() => location.hash.includes('order=4'));
  await inPhase(page, 'finished');
  const other = await valueOf(page, 'error');
  expect(other).not.toBe(first);

  await page.evaluate((hash) => (location.hash = hash), new URL(address).hash);
  await page.waitForFunction(
    (value) => (document.getElementById('error') as HTMLDataElement).value === value,
    {},
    String(first),
  );
  await inPhase(page, 'finished');
  expect(await page.$eval('#field-order', (field) => (field as HTMLSelectElement).value)).toBe('3');

  const again = await open(new URL(address).hash.slice(1));
  await inPhase(again, 'finished');
  expect(await valueOf(again, 'error')).toBe(first);
});

test('what an address or a field cannot mean is told, and the rest is used', async () => {
  const page = await open(`${small}&backend=cpu&dim=abc&hue=red`);
  await inPhase(page, 'finished');
  const told = await textOf(page, 'complaints');
  expect(told).toContain('dim = abc');
  expect(told).toContain('unknown setting, hue');

  const before = page.url();
  await page.$eval('#field-rank', (field) => ((field as HTMLInputElement).value = '0'));
  await page.$eval('#field-rank', (field) => field.dispatchEvent(new Event('change', { bubbles: true })));
  expect(await textOf(page, 'field-rank-problem')).toBe('Give a whole number from 1 to 8.');
  expect(page.url()).toBe(before);
});

test('dense: least squares recovers the planted components, and the match score says so', async () => {
  const page = await open(
    'problem=dense&order=3&dim=8&rank=2&width=2&collinearity=0.5&noise=0.001&backend=cpu&speed=fast',
  );
  await inPhase(page, 'finished');
  expect(await textOf(page, 'stop')).toBe('converged');
  expect(await valueOf(page, 'score')).toBeGreaterThan(0.99);
  expect(await textOf(page, 'found')).toBe('2 of 2');
});

test('changing the problem brings its own settings', async () => {
  const page = await open(`${small}&backend=cpu`);
  await inPhase(page, 'finished');
  await page.select('#field-problem', 'dense');
  await page.waitForSelector('#field-collinearity');
  expect(await page.$('#field-initScale')).toBeNull();
  await page.waitForFunction(() => location.hash.includes('problem=dense'));
  await page.waitForFunction(() => document.getElementById('found')?.textContent === '4 of 4');
});

test('WebGPU by name: in the worker, with the adapter shown', async () => {
  const page = await open(`${small}&backend=webgpu&tolerance=0.02`);
  await inPhase(page, 'finished');
  expect(await textOf(page, 'stop')).toBe('converged');
  expect(await textOf(page, 'backend')).toMatch(/^WebGPU, float32 · \w+/);
  expect(await textOf(page, 'notice')).toBe('');
});

test.runIf(process.env['POLYADIC_ADAPTER'] === 'software')(
  'auto: the CPU where WebGPU is software, with a notice',
  async () => {
    const page = await open(`${small}&backend=auto`);
    await inPhase(page, 'finished');
    expect(await textOf(page, 'backend')).toBe('CPU, float64');
    expect(await textOf(page, 'notice')).toContain('WebGPU');
  },
);

test('a run that diverges says so, with advice', async () => {
  const page = await open(`${small}&backend=cpu&rate=8&initScale=1`);
  await inPhase(page, 'finished');
  expect(await textOf(page, 'stop')).toBe('diverged');
  expect(await textOf(page, 'status')).toContain('Lower the learning rate');
});

test('a problem that cannot be made is told in the status line, and the next one runs', async () => {
  const page = await open('problem=dense&order=3&dim=3&rank=4&width=4&collinearity=0.5&backend=cpu&speed=fast');
  await inPhase(page, 'failed');
  expect(await textOf(page, 'status')).toContain('expected rank');
  await page.select('#field-backend', 'auto');
  await page.$eval('#field-collinearity', (field) => ((field as HTMLInputElement).value = '0'));
  await page.$eval('#field-collinearity', (field) => field.dispatchEvent(new Event('change', { bubbles: true })));
  await inPhase(page, 'finished');
});

test('a phone sees all of it: no sideways scrolling, every field labeled', async () => {
  const page = await open(`${small}&backend=cpu`);
  await page.setViewport({ width: 360, height: 740 });
  await inPhase(page, 'finished');
  await pause(200);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const unlabeled = await page.$$eval('input, select', (fields) =>
    fields.filter((field) => !(field as HTMLInputElement).labels?.[0]?.textContent).map((field) => field.id),
  );
  expect(unlabeled).toEqual([]);
});
