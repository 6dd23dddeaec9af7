// What it takes to add an algorithm: one file, its line in the table and among the loaders. Here they have a line for cooling.ts, and decompose runs
// and finishes it, checks its options, and the command line offers it.
import { afterAll, expect, test, vi } from 'vitest';
import { loadAlgorithm } from '../../src/algorithms/registry.js';
import { decomposeCommand } from '../../src/cli/commands/decompose.js';
import { algorithmKinds, decompose, denseSymmetric, packKruskal, type AlgorithmChoice } from '../../src/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { cooling } from './cooling.js';

// Files of a lane share their modules: this one loads its own, with its own table, and leaves none behind.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.doUnmock('../../src/algorithms/table.js');
  vi.doUnmock('../../src/families/load.js');
  vi.resetModules();
});

vi.mock(import('../../src/algorithms/table.js'), async (importOriginal) => {
  const { optionTables } = await importOriginal();
  const { cooling } = await import('./cooling.js');
  return { optionTables: { ...optionTables, cooling: cooling.options } };
});

vi.mock(import('../../src/families/load.js'), async (importOriginal) => {
  const original = await importOriginal();
  const load = async () => (await import('./cooling.js')).cooling;
  return { ...original, algorithmLoaders: Object.assign(original.algorithmLoaders, { cooling: load }) };
});

const added: (typeof algorithmKinds)[number][] = [];
for (const kind of algorithmKinds) if (((await loadAlgorithm(kind)) as unknown) === cooling) added.push(kind);
const { truth } = plantedSymmetric({ order: 3, dim: 5, rank: 2, seed: 1 });
const target = denseSymmetric(packKruskal(truth));

test('the table has the new algorithm', () => {
  expect(added).toEqual(['cooling']);
});

test.each(added)('%s: decompose runs and finishes it', async (algorithm) => {
  const result = await decompose(target, { algorithm, backend: 'cpu' });
  expect(result).toMatchObject({ algorithm: 'cooling', stop: 'converged', rank: 2 });
  expect(result.relativeError).toBeLessThan(1e-8);
});

test.each(added)('%s: options are checked before any run', async (kind) => {
  const wrong = { kind, halfTime: -1 } as unknown as AlgorithmChoice;
  await expect(decompose(target, { algorithm: wrong })).rejects.toThrow(/halfTime to be .*above 0, got -1/);
});

test('the command line offers it', () => {
  expect(decomposeCommand.options['algorithm']?.value).toMatch(/\|cooling$/);
  expect(decomposeCommand.options['half-time']?.help).toContain('steps after which the step has halved');
});
