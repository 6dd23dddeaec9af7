// Discover in a real Chromium: numbers against the library in Node, pause, step and rewind to the last bit, several algorithms
// on one instance, the address, the keyboard, what is told when something cannot be done.
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { decompose, factored } from '../../src/index.js';
import { orthogonal } from '../../src/problems/index.js';
import { fill, inPhase, readingOf, standsStill, textOf, usePages } from './pages.js';

const pages = usePages();

/** A small run that ends within a second, unless the rest says otherwise. */
const small = (rest = '') => {
  const settings =
    'problem=orthogonal&order=3&dim=6&rank=2&ratio=2&problemSeed=1&width=8&seed=5&initScale=0.001&stepSize=0.2';
  const given = new URLSearchParams(`${settings}&algorithms=deflation&backend=cpu&speed=fast`);
  for (const [name, value] of new URLSearchParams(rest)) given.set(name, value);
  return `/discover?${given}`;
};

const truth = orthogonal({ order: 3, dim: 6, rank: 2, seed: 1, ratio: 2 }).truth;
const target = factored({ ...truth, dim: 6 });
const initScale = Math.sqrt(0.001);
const shared = { finish: 'none', width: 8, seed: 5, tolerance: 0.01, backend: 'cpu', maxSteps: 20_000 } as const;

const tick = async (page: Page) => Number(/\d+/.exec(await textOf(page, '[data-reading=tick]'))?.[0]);
const hash = (page: Page) => textOf(page, '[data-reading=hash]');
const statusSays = (page: Page, words: string) =>
  page.waitForFunction((part) => document.querySelector('.status')?.textContent?.includes(part), {}, words);

test('every algorithm ends where the library in Node ends, side by side on one instance', async () => {
  const page = await pages.open(small('algorithms=vanilla,beyondLazy,deflation,staged'));
  await inPhase(page, 'finished');
  const expected = {
    deflation: await decompose(target, {
      ...shared,
      algorithm: { kind: 'deflation', initScale, stepFactor: 0.1, truth },
    }),
    beyondLazy: await decompose(target, {
      ...shared,
      algorithm: { kind: 'beyondLazy', initScale, stepFactor: 0.1, epochLength: 1000 },
    }),
    staged: await decompose(target, {
      ...shared,
      tolerance: 1e-9,
      algorithm: { kind: 'staged', initScale, stepFactor: 0.4 * 0.2, stageLength: 1500, compress: false },
    }),
    vanilla: await decompose(target, {
      ...shared,
      algorithm: { kind: 'vanilla', initScale: 0.001, learningRate: 0.1 },
    }),
  };
  expect(
    await page.$$eval('.panel', (panels) => panels.map((panel) => (panel as HTMLElement).dataset['panel'])),
  ).toEqual(Object.keys(expected));
  for (const [name, { relativeError, steps, stop }] of Object.entries(expected)) {
    const panel = `[data-panel=${name}]`;
    expect(await textOf(page, `${panel} [data-reading=stop]`)).toBe(stop);
    expect(await readingOf(page, 'step', panel)).toBe(steps);
    // Not to the last digit: two versions of V8 round Math.pow and Math.cos differently. staged ends near 1e-16.
    const error = await readingOf(page, 'error', panel);
    expect(Math.abs(error - relativeError)).toBeLessThan(1e-9 * relativeError + 1e-14);
    expect(await textOf(page, `${panel} [data-reading=found]`)).toBe('2 of 2');
  }
  expect(await textOf(page, '[data-reading=seeds]')).toBe('tensor 1, start 5');
  expect(await textOf(page, '[data-reading=backend]')).toBe('CPU, float64');
});

test.each(['', '/discover?backend=webgpu'])(
  'opened on "%s", the page shows a component within three seconds and finds every part',
  async (address) => {
    const page = await pages.open(address);
    await page.waitForFunction(() => {
      const found = document.querySelector('[data-panel=deflation] [data-reading=found]');
      return Number((found as HTMLDataElement | null)?.value) >= 1;
    });
    // Three frames a state at this speed: 60 states are three seconds on a screen of 60 Hz.
    expect(await tick(page)).toBeLessThan(60);
    expect(page.url()).toContain('#/discover?problem=orthogonal');
    await fill(page, 'speed', 'fast');
    await inPhase(page, 'finished');
    expect(await textOf(page, '[data-panel=deflation] [data-reading=found]')).toBe('4 of 4');
    expect(await readingOf(page, 'error', '[data-panel=deflation]')).toBeLessThanOrEqual(0.01);
    expect(await textOf(page, '[data-panel=staged] [data-reading=found]')).toBe('4 of 4');
  },
);

test('deflation tells the arrivals in the order of the weights', async () => {
  const page = await pages.open(small('ratio=3&rank=3'));
  await inPhase(page, 'finished');
  await page.waitForFunction(() => document.querySelector('.plot')?.getAttribute('aria-label')?.includes('Arrived'));
  const told = await page.$eval('.plot', (plot) => plot.getAttribute('aria-label') ?? '');
  const arrivals = [...told.matchAll(/(\d) at step (\d+)/g)].map(([, part, step]) => [Number(part), Number(step)]);
  expect(arrivals.map(([part]) => part)).toEqual([1, 2, 3]);
  const steps = arrivals.map(([, step]) => step ?? 0);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});

test('pausing by keyboard stops the computation, a step is one state, playing goes on', async () => {
  const page = await pages.open(small('speed=slow&stepSize=0.02'));
  await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('#tick')?.max) > 1);
  await page.focus('#play');
  await page.keyboard.press('Space');
  await inPhase(page, 'paused');
  await standsStill(page);
  const stood = await tick(page);
  const step = await readingOf(page, 'step');
  expect(await textOf(page, '.status')).toContain(`Paused at state ${stood} of ${stood}; nothing is computed.`);
  await page.focus('#step-once');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (before) => Number(document.querySelector<HTMLInputElement>('#tick')?.value) > before,
    {},
    stood,
  );
  expect(await tick(page)).toBe(stood + 1);
  expect(await readingOf(page, 'step')).toBe(step + 10);
  await page.focus('#play');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (before) => Number(document.querySelector<HTMLInputElement>('#tick')?.value) > before,
    {},
    stood + 3,
  );
  expect(await textOf(page, '.status')).toBe('Running.');
});

test('rewinding, stepping and running straight through give the same states to the last bit', async () => {
  const page = await pages.open(small());
  await inPhase(page, 'finished');
  const last = await tick(page);
  const straight: string[] = [];
  for (let k = last; k >= 0; k--) {
    straight[k] = await hash(page);
    if (k > 0) await page.click('#back');
  }
  expect(new Set(straight).size).toBe(last + 1);
  // The state that is shown, computed again from the seed in a run of its own.
  await page.$eval('#tick', (slider) => {
    (slider as HTMLInputElement).value = '7';
    slider.dispatchEvent(new Event('input'));
  });
  expect(await hash(page)).toBe(straight[7]);
  await page.click('#check');
  await statusSays(page, 'step 70 computed again from the seed is the same to the last bit');
  // And the result, which is a state of its own.
  await page.$eval('#tick', (slider) => {
    (slider as HTMLInputElement).value = (slider as HTMLInputElement).max;
    slider.dispatchEvent(new Event('input'));
  });
  expect(await hash(page)).toBe(straight[last]);
  await page.click('#check');
  await statusSays(page, 'the same to the last bit');

  const stepped = await pages.open(small('speed=slow'));
  await stepped.waitForSelector('#play');
  await stepped.click('#play');
  await inPhase(stepped, 'paused');
  await stepped.waitForFunction(() => document.querySelector('[data-reading=hash]')?.textContent !== '');
  for (let k = await tick(stepped); k < last; k++) {
    expect(await hash(stepped)).toBe(straight[k] ?? '');
    await stepped.click('#step-once');
    await stepped.waitForFunction(
      (at) => Number(document.querySelector<HTMLInputElement>('#tick')?.value) === at,
      {},
      k + 1,
    );
  }
  expect(await hash(stepped)).toBe(straight[last]);
});

test('the address holds the settings, and a new address is run', async () => {
  const page = await pages.open(small());
  await inPhase(page, 'finished');
  const address = page.url();
  const first = await readingOf(page, 'error');

  await page.select('#field-order', '4');
  await page.waitForFunction(() => location.hash.includes('order=4'));
  await inPhase(page, 'finished');
  expect(await readingOf(page, 'error')).not.toBe(first);

  await page.evaluate((hash) => (location.hash = hash), new URL(address).hash);
  await page.waitForFunction(
    (value) => document.querySelector<HTMLDataElement>('[data-reading=error]')?.value === value,
    {},
    String(first),
  );
  expect(await page.$eval('#field-order', (field) => (field as HTMLSelectElement).value)).toBe('3');

  const again = await pages.open(new URL(address).hash.slice(1));
  await inPhase(again, 'finished');
  expect(await readingOf(again, 'error')).toBe(first);
});

test('another start and another tensor change their seed alone', async () => {
  const page = await pages.open(small());
  await inPhase(page, 'finished');
  await page.click('#another');
  expect(await textOf(page, '[data-reading=seeds]')).toBe('tensor 1, start 6');
  await page.click('#another-tensor');
  expect(await textOf(page, '[data-reading=seeds]')).toBe('tensor 2, start 6');
  await inPhase(page, 'finished');
});

test('what an address or a field cannot mean is told, and the rest is used', async () => {
  const page = await pages.open(`${small()}&dim=abc&hue=red`);
  await inPhase(page, 'finished');
  const told = await textOf(page, '.complaints');
  expect(told).toContain('dim = abc');
  expect(told).toContain('unknown setting, hue');

  const before = page.url();
  await fill(page, 'rank', '0');
  expect(await textOf(page, '#field-rank-problem')).toBe('Give a whole number from 1 to 8.');
  expect(page.url()).toBe(before);
});

test('noise: the error that is left is the noise', async () => {
  const page = await pages.open(small('noise=0.05&algorithms=staged'));
  await inPhase(page, 'finished');
  // ‖noise‖/‖T + noise‖ = 0.05/√(1 + 0.05²), less what two components of six numbers fit of its 56.
  expect(await readingOf(page, 'error')).toBeGreaterThan(0.03);
  expect(await readingOf(page, 'error')).toBeLessThan(0.05);
  expect(await textOf(page, '[data-reading=found]')).toBe('2 of 2');
});

test('WebGPU by name: in the worker, with the adapter shown', async () => {
  const page = await pages.open(small('backend=webgpu'));
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=stop]')).toBe('converged');
  expect(await textOf(page, '[data-reading=backend]')).toMatch(/^WebGPU, float32 · \w+/);
  expect(await textOf(page, '[data-reading=notice]')).toBe('');
  await page.click('#check');
  await statusSays(page, 'the same to the last bit');
});

test('a run that diverges says so, with advice', async () => {
  const page = await pages.open(small('algorithms=vanilla&stepSize=4&initScale=1'));
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=stop]')).toBe('diverged');
  expect(await textOf(page, '[data-reading=advice]')).toContain('Lower the learning rate');
});

test('a problem that cannot be made is told in the status line, and the next one runs', async () => {
  const page = await pages.open(small('dim=3&rank=4'));
  await inPhase(page, 'failed');
  expect(await textOf(page, '.status')).toContain('expected rank');
  await fill(page, 'dim', '6');
  await inPhase(page, 'finished');
});
