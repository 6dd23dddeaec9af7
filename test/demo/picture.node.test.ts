// Complete a picture in a real Chromium: the numbers against the pixels that are shown, the picture against the whole one, stop and go
// on, an own picture, the address, and what is told about a file that is no picture.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer';
import { afterAll, expect, test } from 'vitest';
import { psnr } from '../../src/index.js';
import { writePng } from '../../src/io/index.js';
import { begun, clickOnceShown, fill, inPhase, readingOf, standsStill, textOf, usePages } from './pages.js';

const pages = usePages();
const folder = mkdtempSync(join(tmpdir(), 'polyadic-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = 'picture=sample&pictureSeed=1&size=32&width=16&maxSteps=600&backend=cpu';

interface Pixels {
  readonly shape: readonly [height: number, width: number, channels: 4];
  readonly data: readonly number[];
}

const pixelsOf = (page: Page, name: string): Promise<Pixels> =>
  page.$eval(`[data-picture=${name}]`, (found) => {
    const shown = found as HTMLCanvasElement;
    const { width, height } = shown;
    // Read from a copy: the page's own canvas would warn that it is not made for reading.
    const copy = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    copy?.drawImage(shown, 0, 0);
    const data = copy?.getImageData(0, 0, width, height).data ?? [];
    return { shape: [height, width, 4] as const, data: Array.from(data) };
  });

/** Red, green and blue alone. */
const colorsOf = ({ shape: [height, width], data }: Pixels) => ({
  shape: [height, width, 3],
  data: Float64Array.from(data.filter((_, at) => at % 4 < 3)),
});

const given = ({ data }: Pixels): boolean[] => data.filter((_, at) => at % 4 === 3).map((alpha) => alpha === 255);

/** Notes the ranks that the page shows while it runs. */
const noteRanks = (page: Page) =>
  page.evaluateOnNewDocument(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const value = document.querySelector<HTMLDataElement>('[data-phase=running] [data-reading=rank]')?.value;
      if (value && seen.at(-1) !== Number(value)) seen.push(Number(value));
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });

const ranksOf = (page: Page) => page.evaluate(() => (window as unknown as { seen: number[] }).seen);

async function choose(page: Page, path: string): Promise<void> {
  const input = (await page.waitForSelector('#file')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(path);
}

test('the picture as the view opens: components while it runs, 7 dB more than the mean color at the end', async () => {
  const page = await pages.open('/picture?backend=cpu', noteRanks);
  await inPhase(page, 'finished');
  expect(Math.max(...(await ranksOf(page)))).toBeGreaterThanOrEqual(2);
  const completed = await pixelsOf(page, 'completed');
  const whole = await pixelsOf(page, 'whole');
  const shown = await pixelsOf(page, 'given');
  expect(whole.shape).toEqual([64, 64, 4]);
  const likeness = psnr(colorsOf(completed), colorsOf(whole));
  expect(await readingOf(page, 'psnr')).toBeCloseTo(likeness, 9);

  // The mean color, from what is given.
  const known = given(shown);
  expect(known.filter(Boolean)).toHaveLength(Math.round(0.3 * 64 * 64));
  const { shape, data } = colorsOf(shown);
  const means = [0, 1, 2].map((channel) => {
    const values = data.filter((_, at) => at % 3 === channel && known[Math.floor(at / 3)]);
    return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  });
  const filled = data.map((value, at) => (known[Math.floor(at / 3)] ? value : means[at % 3]!));
  const meanFill = psnr({ shape, data: filled }, colorsOf(whole));
  expect(await readingOf(page, 'mean-fill')).toBeCloseTo(meanFill, 9);
  // In Node it is 8.1 dB.
  expect(likeness - meanFill).toBeGreaterThan(7);

  // Given pixels are kept.
  const wrong = data.filter((value, at) => known[Math.floor(at / 3)] && value !== colorsOf(completed).data[at]);
  expect(Array.from(wrong)).toEqual([]);
  // Few of the 24 components did it.
  expect(await readingOf(page, 'rank')).toBeGreaterThan(4);
  expect(await readingOf(page, 'rank')).toBeLessThan(24);
  expect(await textOf(page, '.status')).toContain('dB more than the mean color');
  expect(await page.$eval('.plot', (plot) => plot.getAttribute('aria-label'))).toContain('that count');
});

test('the rank grows from none, one component after the other', async () => {
  const page = await pages.open(`/picture?${small}&learningRate=0.01`, noteRanks);
  await inPhase(page, 'finished');
  const seen = await ranksOf(page);
  expect(seen[0]).toBe(0);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.length).toBeGreaterThan(3);
});

test('stopping stops, and going on ends where a run straight through ends', async () => {
  const straight = await pages.open(`/picture?${small}`);
  await inPhase(straight, 'finished');
  const page = await pages.open(`/picture?${small}`, clickOnceShown(begun('step'), '#toggle'));
  await inPhase(page, 'paused');
  await standsStill(page);
  expect(await readingOf(page, 'step')).toBeLessThan(600);
  await page.click('#toggle');
  await inPhase(page, 'finished');
  expect(await readingOf(page, 'psnr')).toBe(await readingOf(straight, 'psnr'));
});

test('hiding less, by the slider, is in the address and gives a closer picture', async () => {
  const page = await pages.open(`/picture?${small}&hidden=80`);
  await inPhase(page, 'finished');
  const before = await readingOf(page, 'psnr');
  await page.focus('#hidden');
  for (let k = 0; k < 6; k++) await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(() => location.hash.includes('hidden=50'));
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=hidden]')).toBe('50 % of the pixels');
  expect(await readingOf(page, 'psnr')).toBeGreaterThan(before + 2);
  await fill(page, 'hidden', '99');
  expect(await textOf(page, '#field-hidden-problem')).toBe('Give a whole number from 10 to 95.');
});

test('another sample is another picture', async () => {
  const page = await pages.open(`/picture?${small}`);
  await inPhase(page, 'finished');
  const first = await pixelsOf(page, 'whole');
  await page.click('#another');
  expect(page.url()).toContain('pictureSeed=2');
  await inPhase(page, 'finished');
  expect(await pixelsOf(page, 'whole')).not.toEqual(first);
});

test('an own picture is scaled down, and one of rank one comes back whole', async () => {
  const height = 40;
  const width = 60;
  const at = (pixel: number) => [Math.floor(pixel / width) / height, (pixel % width) / width] as const;
  const data = Float64Array.from({ length: height * width * 3 }, (_, entry) => {
    const [y, x] = at(Math.floor(entry / 3));
    return Math.round(30 + 200 * (0.2 + 0.8 * y) * Math.sin(Math.PI * (0.1 + 0.8 * x)) * [1, 0.7, 0.4][entry % 3]!);
  });
  const path = join(folder, 'own.png');
  writeFileSync(path, writePng({ shape: [height, width, 3], data }));
  const page = await pages.open('/picture?picture=own&size=48&maxSteps=800&backend=cpu');
  await inPhase(page, 'waiting');
  expect(await textOf(page, '.status')).toContain('Choose a picture');
  await choose(page, path);
  await inPhase(page, 'finished');
  expect((await pixelsOf(page, 'whole')).shape).toEqual([32, 48, 4]);
  expect(await readingOf(page, 'psnr')).toBeGreaterThan(35);
  expect(page.url()).toContain('picture=own');
});

test('a file that is no picture says so, and the next one is read', async () => {
  const bad = join(folder, 'notes.png');
  const good = join(folder, 'good.png');
  writeFileSync(bad, 'hello');
  writeFileSync(
    good,
    writePng({ shape: [8, 8, 3], data: Float64Array.from({ length: 192 }, (_, at) => (at * 7) % 256) }),
  );
  const page = await pages.open('/picture?picture=own&size=32&maxSteps=50&backend=cpu');
  await inPhase(page, 'waiting');
  await choose(page, bad);
  await page.waitForFunction(() => document.querySelector('.complaints')?.textContent !== '');
  expect(await textOf(page, '.complaints')).toContain('got notes.png');
  await choose(page, good);
  await inPhase(page, 'finished');
  expect(await textOf(page, '.complaints')).toBe('');
});

test('on WebGPU', async () => {
  const page = await pages.open(`/picture?${small.replace('cpu', 'webgpu')}&maxSteps=300`);
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=backend]')).toMatch(/^WebGPU, float32/);
  expect((await readingOf(page, 'psnr')) - (await readingOf(page, 'mean-fill'))).toBeGreaterThan(3);
});
