// Unmix in a real Chromium: what is recovered against the sources, by the numbers that are shown and by the sounds that are played; audio
// only after a press; stop and go on; the address.
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { kinds, samples } from '../../demo/views/unmix/sources.js';
import { begun, clickOnceShown, inPhase, readingOf, standsStill, textOf, usePages } from './pages.js';

const pages = usePages();

const base = 'soundSeed=1&mixSeed=1&width=40&initScale=0.001&seed=1';

interface Listened {
  /** Contexts opened, and every sound that was played. */
  contexts: number;
  played: number[][];
}

/** Notes what the page plays. */
const listen = (page: Page) =>
  page.evaluateOnNewDocument(() => {
    const listened: Listened = { contexts: 0, played: [] };
    Object.assign(window, { listened });
    window.AudioContext = class extends AudioContext {
      constructor() {
        super();
        listened.contexts++;
      }
    };
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const original = AudioBuffer.prototype.copyToChannel;
    AudioBuffer.prototype.copyToChannel = function (data, channel) {
      listened.played.push(Array.from(data));
      original.call(this, data, channel);
    };
  });

const listened = (page: Page) => page.evaluate(() => (window as unknown as { listened: Listened }).listened);

const correlationsOf = (page: Page, rack: string) =>
  page.$$eval(`[data-rack=${rack}] li`, (items) => items.map((item) => Number(item.dataset['correlation'])));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [a, b].map((values) => {
    const middle = mean(values);
    return values.map((value) => value - middle);
  }) as [number[], number[]];
  const product = (p: number[], q: number[]): number => p.reduce((sum, value, t) => sum + value * q[t]!, 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

test('the view as it opens: four sources are found, which no mixture is like', async () => {
  const page = await pages.open('/unmix?backend=cpu');
  await inPhase(page, 'finished');
  const recovered = await correlationsOf(page, 'recovered');
  expect(recovered).toHaveLength(4);
  expect(Math.min(...recovered)).toBeGreaterThan(0.95);
  expect(await readingOf(page, 'recovered')).toBeCloseTo(mean(recovered), 12);
  expect(await readingOf(page, 'recovered')).toBeGreaterThan(0.98);
  expect(await readingOf(page, 'mixed')).toBeLessThan(0.9);
  expect(await textOf(page, '[data-reading=found]')).toBe('4 of 4');
  const sources = await page.$$eval('[data-rack=recovered] li', (items) => items.map((item) => item.dataset['source']));
  expect(sources).toEqual(['0', '1', '2', '3']);
  expect(await page.$$eval('.plot', (plots) => plots.map((plot) => plot.getAttribute('aria-label') ?? ''))).toEqual([
    expect.stringMatching(/strings 3\.3\d, melody 2\.00, rattle 2\.9\d, siren 1\.2\d/),
    expect.stringContaining('strings 1.00'),
  ]);
});

test.each([
  [3, 'soundSeed=2&mixSeed=5'],
  [5, 'soundSeed=3&mixSeed=7'],
])('%d sources of other seeds', async (count, seeds) => {
  const page = await pages.open(`/unmix?sources=${count}&${seeds}&backend=cpu`);
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=found]')).toBe(`${count} of ${count}`);
  expect(await readingOf(page, 'recovered')).toBeGreaterThan(0.95);
  expect(await readingOf(page, 'recovered')).toBeGreaterThan((await readingOf(page, 'mixed')) + 0.1);
});

test('what is played is the sound it is said to be, and nothing opens audio before a press', async () => {
  const page = await pages.open(`/unmix?sources=3&${base}&backend=cpu`, listen);
  await inPhase(page, 'finished');
  expect((await listened(page)).contexts).toBe(0);
  for (const rack of ['sources', 'recovered', 'mixtures']) {
    for (let k = 0; k < 3; k++) {
      const play = await page.$(`[data-rack=${rack}] li:nth-child(${k + 1}) .play`);
      await play?.click();
      expect(await play?.evaluate((pressed) => pressed.getAttribute('aria-pressed'))).toBe('true');
      // One sound at a time.
      expect(await page.$$eval('[aria-pressed=true]', (all) => all.length)).toBe(1);
    }
  }
  await page.click('.play[aria-pressed=true]');
  expect(await page.$$eval('[aria-pressed=true]', (all) => all.length)).toBe(0);
  const { contexts, played } = await listened(page);
  expect(contexts).toBe(1);
  const sources = played.slice(0, 3);
  const recovered = played.slice(3, 6);
  const mixtures = played.slice(6);
  expect(sources.map(({ length }) => length)).toEqual([samples, samples, samples]);
  const shown = await correlationsOf(page, 'recovered');
  recovered.forEach((sound, k) => {
    // The sign too. Playing fades both ends of three seconds in 20 ms, and the loudness does not matter.
    expect(Math.abs(correlation(sound, sources[k]!) - shown[k]!)).toBeLessThan(0.005);
  });
  mixtures.forEach((sound) => {
    for (const source of sources) expect(Math.abs(correlation(sound, source))).toBeLessThan(0.95);
  });
  const loudest = played.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(loudest).toBeLessThanOrEqual(0.9 + 1e-6);
});

test('stopping stops, and going on ends where a run straight through ends', async () => {
  const address = `/unmix?sources=4&${base}&backend=cpu`;
  const straight = await pages.open(address);
  await inPhase(straight, 'finished');
  const page = await pages.open(address, clickOnceShown(begun('step'), '#toggle'));
  await inPhase(page, 'paused');
  await standsStill(page);
  expect(await readingOf(page, 'step')).toBeLessThan(await readingOf(straight, 'step'));
  await page.click('#toggle');
  await inPhase(page, 'finished');
  expect(await readingOf(page, 'step')).toBe(await readingOf(straight, 'step'));
  expect(await correlationsOf(page, 'recovered')).toEqual(await correlationsOf(straight, 'recovered'));
});

test('other sounds and another mixture change their seed alone, and the address holds them', async () => {
  const page = await pages.open(`/unmix?sources=3&${base}&backend=cpu`);
  await inPhase(page, 'finished');
  await page.click('#another');
  expect(page.url()).toContain('soundSeed=2&mixSeed=1');
  await page.click('#another-mixture');
  expect(page.url()).toContain('soundSeed=2&mixSeed=2');
  await inPhase(page, 'finished');
  const again = await pages.open(new URL(page.url()).hash.slice(1));
  await inPhase(again, 'finished');
  expect(await correlationsOf(again, 'recovered')).toEqual(await correlationsOf(page, 'recovered'));
});

test('waveforms are drawn, and differently when one looks closely', async () => {
  const page = await pages.open(`/unmix?sources=${kinds.length}&${base}&backend=cpu`);
  await inPhase(page, 'finished');
  const drawn = () => page.$$eval('.waveform', (all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.waveform')].every(({ width }) => width > 0),
  );
  const whole = await drawn();
  expect(new Set(whole).size).toBe(3 * kinds.length);
  await page.click('#zoom');
  const close = await drawn();
  expect(close.filter((picture) => whole.includes(picture))).toEqual([]);
});

test('fewer components than sources find fewer sources', async () => {
  const page = await pages.open(`/unmix?sources=4&${base}&width=3&backend=cpu`);
  await inPhase(page, 'finished');
  // Three components cannot come to four sources.
  expect(await readingOf(page, 'found')).toBeLessThanOrEqual(3);
});

test('on WebGPU', async () => {
  const page = await pages.open(`/unmix?sources=3&${base}&stepFactor=0.5&backend=webgpu`);
  await inPhase(page, 'finished');
  expect(await textOf(page, '[data-reading=backend]')).toMatch(/^WebGPU, float32/);
  expect(await readingOf(page, 'recovered')).toBeGreaterThan(0.95);
});
