// The parts of `npm run reproduce -- deflation`, with tiny settings: what is measured, what is claimed, and that figures show it.
import { expect, test } from 'vitest';
import { measureFlow, reproduceDeflation } from '../../bench/reproduce/deflation.js';
import type { FlowCell } from '../../bench/reproduce/deflation-cells.js';
import { widthsFigure } from '../../bench/reproduce/deflation-figures.js';
import { deflationProblem } from '../../bench/reproduce/deflation-problems.js';
import { drawSvg } from '../../bench/reproduce/figure.js';
import { directionScore, mixture } from '../../bench/reproduce/mixture.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { norm } from '../../src/index.js';
import { casesOf } from '../support/all.js';

const marksIn = (svg: string, kind: string): number => svg.split(`aria-roledescription="${kind}"`).length - 1;

test('problems have norm 1, and the weights and angles that they are asked for', () => {
  const { truth } = deflationProblem({ order: 4, noise: 0.3 }, 1);
  expect(norm(truth)).toBeCloseTo(1, 12);
  expect(truth.weights[0]! / truth.weights[1]!).toBeCloseTo(1.2, 12);
  const { columns, data } = truth.vectors;
  const product = (i: number, j: number): number =>
    data.slice(i * columns, (i + 1) * columns).reduce((sum, x, k) => sum + x * data[j * columns + k]!, 0);
  expect(product(2, 2)).toBeCloseTo(1, 12);
  // Noise of norm 0.3 on each of two orthogonal unit vectors: a cosine of about 0.3 √(2 / dim).
  expect(Math.abs(product(0, 1))).toBeGreaterThan(1e-3);
  expect(Math.abs(product(0, 1))).toBeLessThan(0.5);
});

test('a cell counts what the first epoch and all epochs solved, and names the seeds that failed with their advice', async () => {
  using backend = openCpu();
  const circumstances = { backend, quick: true, seeds: 2, log: () => undefined };
  const enough = await measureFlow(circumstances, 'enough', { order: 4 }, 50);
  expect(enough).toMatchObject({ successes: 2, firstEpoch: 2, ordered: 2, matched: 2, failures: [] });
  expect(enough.halfTimes).toHaveLength(5);
  // Four components cannot be five.
  const few = await measureFlow(circumstances, 'few', { order: 4 }, 4);
  expect(few).toMatchObject({ successes: 0, firstEpoch: 0, ordered: 0, matched: 0 });
  expect(few.failures.map(({ seed }) => seed)).toEqual([0, 1]);
  expect(few.failures[0]?.advice).toContain('hidden components are fitted');
  const svg = await drawSvg(widthsFigure([few, enough] as FlowCell[]));
  expect(marksIn(svg, 'point')).toBe(4);
});

test('the whitened mixture is white, and its own directions score 1', () => {
  const { target, directions, mixingDirection } = mixture(4, 5000, 3);
  const { rows, columns, data } = target.samples;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let t = 0; t < rows; t++) sum += data[t * columns + i]! * data[t * columns + j]!;
      expect(sum / rows).toBeCloseTo(i === j ? 1 : 0, 10);
    }
  }
  const own = Array.from({ length: 4 }, (_, k) => directions.data.slice(k * 4, (k + 1) * 4));
  expect(
    directionScore(
      own.toReversed().map((u) => u.map((x) => -x)),
      directions,
    ),
  ).toBeCloseTo(1, 12);
  expect(directionScore(own.slice(1), directions)).toBeCloseTo(3 / 4, 12);
  expect(Math.hypot(...mixingDirection(Float64Array.of(1, 2, 3, 4)))).toBeCloseTo(1, 12);
});

test.each(casesOf([1, 2], 1))('quick, %i seeds: claims about every part hold, a figure of each kind', async (seeds) => {
  using backend = openCpu();
  const { claims, cells, figures } = await reproduceDeflation({ backend, quick: true, seeds, log: () => undefined });
  expect(claims.filter(({ holds }) => !holds)).toEqual([]);
  expect(claims).toHaveLength(8);
  expect(cells).toHaveLength(8);
  const loss = await drawSvg(figures['loss'] ?? expect.fail('no figure of the loss'));
  // Five levels of the loss, five arrivals.
  expect([marksIn(loss, 'line mark'), marksIn(loss, 'rule mark')]).toEqual([1, 10]);
  const correlation = await drawSvg(figures['correlation'] ?? expect.fail('no figure of correlations'));
  expect(marksIn(correlation, 'line mark')).toBe(10);
  expect(correlation).toContain('fitted share');
  expect(backend.liveBuffers).toBe(0);
});
