// What it takes to add a kind of target: its constructor, its place in the union, its handle, a row of the table, its family, its export.
// Here the loader has the row for hankel.ts, and decompose solves such a target in its own units.
import { afterAll, expect, test, vi } from 'vitest';
import { decompose, type SymmetricKruskal, type Target } from '../../src/index.js';
import { hankel } from './hankel.js';

// Files of a lane share their modules: this one loads its own, with its own table, and leaves none behind.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.doUnmock('../../src/families/load.js');
  vi.resetModules();
});

vi.mock(import('../../src/families/load.js'), async (importOriginal) => {
  const original = await importOriginal();
  const { hankelProblem } = await import('./hankel.js');
  const withHankel = (kind: string): unknown =>
    kind === 'hankel' ? Promise.resolve(hankelProblem) : original.loadProblemMaker(kind as never);
  return { ...original, loadProblemMaker: withHankel as typeof original.loadProblemMaker };
});

test('decompose finds the exponentials of a signal', async () => {
  const signal = Float64Array.from({ length: 16 }, (_, t) => 700 * 0.9 ** t - 300 * (-0.5) ** t);
  const target = hankel(3, signal) as unknown as Target;
  const result = await decompose(target, { backend: 'cpu' });
  expect(result).toMatchObject({ rank: 2, stop: 'converged' });
  expect(result.relativeError).toBeLessThan(1e-12);
  const { vectors } = result.kruskal as SymmetricKruskal;
  const rates = [0, 1].map((r) => vectors.data[r * vectors.columns + 1]! / vectors.data[r * vectors.columns]!);
  expect(rates.sort()).toEqual([expect.closeTo(-0.5, 9), expect.closeTo(0.9, 9)]);
});
