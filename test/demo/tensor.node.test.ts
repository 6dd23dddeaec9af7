// Your tensor in a real Chromium: the examples with the numbers of an independent fit, own files of every format, what is told about
// files that are none, and the downloads.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import type { ElementHandle, Page } from 'puppeteer';
import { afterAll, expect, test } from 'vitest';
import { dense, factorMatchScore, kruskal, relativeError, type Kruskal } from '../../src/index.js';
import { kruskalFromJson, readNpy, writeNpy, writeTns } from '../../src/io/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { clickOnceShown, inPhase, standsStill, textOf, usePages } from './pages.js';

const pages = usePages();
const folder = mkdtempSync(join(tmpdir(), 'polyadic-tensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { tensor, truth } = plantedCp({ shape: [8, 7, 6], rank: 2, seed: 3, weights: [2, 1] });

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The view with a file chosen; `settings` beside those of the address. */
async function openWith(path: string, settings = ''): Promise<Page> {
  const page = await pages.open(`/tensor?example=none&starts=4&backend=cpu${settings}`);
  const input = (await page.waitForSelector('#file')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(path);
  return page;
}

const errorAt = (page: Page, rank: number) => page.$eval(`[data-rank="${rank}"] data`, (data) => Number(data.value));

/** Loadings as the chart of a mode tells them in words: the largest and the smallest, with their labels. */
const wordsOf = (page: Page, component: number, mode: string) =>
  page.$eval(`[data-component=component-${component}] svg[aria-label*="${mode}:"]`, (svg) =>
    svg.getAttribute('aria-label'),
  );

test('unemployment: rank auto is 2, with the errors and the loadings of an independent fit', async () => {
  const page = await pages.open('/tensor?example=unemployment&backend=cpu');
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=tensor]')).toContain('14 × 10 × 12 (industry × year × month), percent');
  // Double-precision ALS of another program: 0.201703, 0.165072, 0.132747 at ranks 1 to 3, and 100 % core consistency at 2.
  expect(Math.abs((await errorAt(page, 1)) - 0.201703)).toBeLessThan(1e-6);
  expect(Math.abs((await errorAt(page, 2)) - 0.165072)).toBeLessThan(1e-6);
  expect(Math.abs((await errorAt(page, 3)) - 0.132747)).toBeLessThan(5e-5);
  expect(
    await page.$$eval('.ranks .chosen', (rows) => rows.map((row) => (row as HTMLElement).dataset['rank'])),
  ).toEqual(['2']);
  expect(await textOf(page, '.ranks .chosen')).toContain('100.0 %');
  expect(await textOf(page, '.status')).toContain('Rank 2: relative error 0.1651');
  expect(await textOf(page, '[data-reading=reasons]')).toMatch(
    /^Rank 2 \(\w+\)\. Rank 3: two components cancel each other/,
  );
  expect(await wordsOf(page, 1, 'year')).toContain('most in 2009 (0.57), least in 2000 (0.20)');
  expect(await wordsOf(page, 2, 'industry')).toContain('most in Agriculture');
  expect(await wordsOf(page, 2, 'month')).toContain('most in Mar (0.44), least in Jun (0.13)');
  expect(await textOf(page, '.look-for')).toContain('farming and construction');
  // Any other rank is a click away, and the table stays.
  await page.click('[data-rank="1"] button');
  await inPhase(page, 'finished');
  expect(await textOf(page, '.ranks .chosen th')).toBe('1');
  expect(await page.$$eval('[data-rank]', (rows) => rows.length)).toBeGreaterThan(2);
});

test('unemployment on WebGPU', async () => {
  const page = await pages.open('/tensor?example=unemployment&rank=2&starts=2&backend=webgpu');
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=backend]')).toMatch(/^WebGPU, float32/);
  expect(Math.abs((await errorAt(page, 2)) - 0.165072)).toBeLessThan(1e-6);
});

test('births: three missing cells, and the component with low weekends', async () => {
  const page = await pages.open('/tensor?example=births&rank=2&backend=cpu');
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=tensor]')).toContain(
    '20 × 52 × 7 (year × week × weekday), births a day; 3 of 7,280 cells are missing',
  );
  expect(Math.abs((await errorAt(page, 2)) - 0.034182)).toBeLessThan(1e-5);
  const words = [await wordsOf(page, 1, 'weekday'), await wordsOf(page, 2, 'weekday')];
  const planned = words.findIndex((text) => text?.includes('least in Sun (0.30)'));
  expect(planned).toBeGreaterThanOrEqual(0);
  expect(await wordsOf(page, planned + 1, 'year')).toMatch(/most in 198\d .*least in 19(69|7\d)/);
  expect(await wordsOf(page, 2 - planned, 'year')).toMatch(/most in 19(69|7\d) .*least in 198\d/);
});

test('.npy, .npz, .tns and .csv of one tensor give one result, exact where nothing is rounded', async () => {
  const npy = writeNpy({ shape: tensor.shape, data: Float64Array.from(tensor.data) });
  const cells = Array.from(tensor.data, (value, at) => ({
    at: [Math.floor(at / 42), Math.floor(at / 6) % 7, at % 6],
    value,
  }));
  const entries = {
    shape: [8, 7, 6],
    indices: Uint32Array.from(cells.flatMap(({ at }) => at)),
    values: Float64Array.from(tensor.data),
  };
  const csv = [
    'who,where,when,value',
    ...cells.map(({ at: [i, j, k], value }) => `person ${i},place ${j},${k},${value}`),
  ];
  const files = [
    fileOf('planted.npy', npy),
    fileOf(
      'planted.npz',
      zipSync({ 'first.npy': npy, 'second.npy': writeNpy({ shape: [2, 3], data: new Float64Array(6).fill(1) }) }),
    ),
    fileOf('planted.tns', writeTns(entries)),
    fileOf('planted.csv', csv.join('\n')),
  ];
  for (const file of files) {
    const page = await openWith(file);
    await inPhase(page, 'finished');
    expect(await textOf(page, '.ranks .chosen th'), file).toBe('2');
    expect(await errorAt(page, 2), file).toBeLessThan(1e-6);
    expect(await textOf(page, '[data-reading=tensor]')).toContain('8 × 7 × 6');
    expect(page.url()).toContain('example=none');
    if (file.endsWith('npz'))
      expect(await page.$$eval('#array option', (all) => all.map(({ value }) => value))).toEqual(['first', 'second']);
    if (file.endsWith('csv')) expect(await wordsOf(page, 1, 'where')).toMatch(/most in place \d/);
  }
});

test('missing cells are counted and passed over; a list of few entries is completed', async () => {
  const holes = Float64Array.from(tensor.data, (value, at) => (at % 5 === 0 ? NaN : value));
  const page = await openWith(fileOf('holes.npy', writeNpy({ shape: tensor.shape, data: holes })), '&rank=2');
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=tensor]')).toContain('68 of 336 cells are missing');
  expect(await errorAt(page, 2)).toBeLessThan(1e-6);

  const kept = Array.from(tensor.data.keys()).filter((at) => (at * 7) % 10 < 4);
  const few = await openWith(
    fileOf(
      'few.tns',
      writeTns({
        shape: [8, 7, 6],
        indices: Uint32Array.from(kept.flatMap((at) => [Math.floor(at / 42), Math.floor(at / 6) % 7, at % 6])),
        values: Float64Array.from(kept, (at) => tensor.data[at]!),
      }),
    ),
    '&rank=2',
  );
  await inPhase(few, 'finished');
  expect(await textOf(few, '[data-reading=tensor]')).toContain(`${336 - kept.length} of 336 cells are missing`);
  expect(await textOf(few, '.status')).toContain('Algorithm: variational');
  expect(await errorAt(few, 2)).toBeLessThan(1e-3);
});

test('the result is downloaded as it is shown', async () => {
  const page = await openWith(
    fileOf('planted.npy', writeNpy({ shape: tensor.shape, data: Float64Array.from(tensor.data) })),
    '&rank=2',
  );
  await inPhase(page, 'finished');
  const client = await page.createCDPSession();
  await client.send('Page.enable');
  await client.send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  const download = async (kind: string, name: string): Promise<Uint8Array> => {
    const written = new Promise<void>((resolve) => {
      client.on('Page.downloadProgress', ({ state }) => state === 'completed' && resolve());
    });
    await page.click(`[data-download=${kind}]`);
    await written;
    return new Uint8Array(readFileSync(join(folder, name)));
  };
  const json = JSON.parse(new TextDecoder().decode(await download('json', 'result.json'))) as Record<string, unknown>;
  const model = kruskalFromJson(json) as Kruskal;
  expect(factorMatchScore(model, truth)).toBeGreaterThan(0.999999);
  expect(json['relativeError']).toBe(await errorAt(page, 2));

  const fitted = readNpy(await download('npy', 'model.npy'));
  expect(fitted.shape).toEqual([8, 7, 6]);
  expect(relativeError(model, dense(fitted.shape, Float64Array.from(fitted.data as Float64Array)))).toBeLessThan(1e-12);

  const zip = unzipSync(await download('zip', 'result.zip'));
  expect(Object.keys(zip)).toEqual(['result.json', 'weights.npy', 'factor-0.npy', 'factor-1.npy', 'factor-2.npy']);
  const arrays = ['weights', 'factor-0', 'factor-1', 'factor-2'].map((name) =>
    readNpy(zip[`${name}.npy`] ?? new Uint8Array()),
  );
  const factors = arrays
    .slice(1)
    .map(({ shape: [rows = 0, columns = 0], data }) => ({ rows, columns, data: data as Float64Array }));
  expect(kruskal(arrays[0]?.data as Float64Array, factors)).toEqual(kruskal(model.weights, model.factors));
});

test.each([
  ['notes.txt', 'hello', 'got notes.txt'],
  ['broken.npy', 'hello', 'NUMPY'],
  ['broken.npz', 'hello', 'zip archive'],
  ['ragged.csv', 'a,b,value\n0,0,1\n0,1\n', 'line 3'],
  ['words.tns', '1 1 1 2.5\n1 2 one 3\n', 'line 2'],
  ['line.npy', writeNpy({ shape: [4], data: Float64Array.of(1, 2, 3, 4) }), 'at least 2 modes'],
  ['empty.npy', writeNpy({ shape: [2, 2], data: new Float64Array(4).fill(NaN) }), 'known'],
])('a bad file says what is wrong: %s', async (name, content, told) => {
  const page = await openWith(fileOf(name, content));
  await inPhase(page, 'failed');
  expect(await textOf(page, '.complaints')).toContain(told);
  // And the next one is read.
  await page.click('[data-example=unemployment]');
  await page.select('#field-rank', '1');
  await inPhase(page, 'finished');
  expect(await textOf(page, '.complaints')).toBe('');
});

test('an address that asks for a file tells what to do', async () => {
  const page = await pages.open('/tensor?example=none');
  await inPhase(page, 'waiting');
  expect(await textOf(page, '.status')).toContain('Choose a file or drop it here');
  expect(await page.$eval('[data-download=json]', (one) => one.getAttribute('aria-disabled'))).toBe('true');
});

test('stopping ends a search', async () => {
  const page = await pages.open(
    '/tensor?example=births&backend=cpu&starts=32',
    clickOnceShown('[data-rank="1"]', '#stop'),
  );
  await inPhase(page, 'stopped');
  await standsStill(page);
  await inPhase(page, 'stopped');
});
