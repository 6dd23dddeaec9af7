// Options as no compiler has checked them: every one is either taken, and the run ends, or refused with an InputError that names it. Never
// does anything else come out of a public function.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compact,
  compactCp,
  compress,
  congruence,
  decompose,
  decomposeBatch,
  dense,
  factored,
  factorMatchScore,
  heldOutCells,
  holdOut,
  InputError,
  observed,
  openBackend,
  ranks,
  splitHalf,
  toDense,
} from '../src/index.js';
import { symmetricToKruskal } from '../src/tensor/kruskal.js';
import { optionNames } from '../src/options.js';

const target = dense([2, 3, 2], [1, 2, 0, 3, 1, 1, 2, 2, 1, 0, 1, 3]);

const strange = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, NaN, -1, 0, 1.5, 1e12, Infinity, '', '3', 'als', 'auto', 7n),
  fc.constantFrom<unknown>([], [0], [9], {}, { kind: 3 }, { kind: 'als', starts: 2 }, { type: 'als' }, new Date(0)),
  fc.constantFrom<unknown>(new AbortController(), () => 3, Symbol('s'), { weights: [1], factors: [] }, { weights: 1 }),
  fc.anything({ maxDepth: 2 }),
);

/** What comes of a call: an answer, or the error that it is refused with. */
async function outcomeOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

const numRuns = 5000;

test('decompose takes an option or names it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...optionNames), strange, async (name, value) => {
      const error = await outcomeOf(() => decompose(target, { maxSteps: 5, [name]: value }));
      if (error === undefined) return;
      expect(error).toBeInstanceOf(InputError);
      // Options of an algorithm are refused in its own name.
      expect((error as Error).message).toMatch(name === 'algorithm' ? /algorithm|^als: / : new RegExp(name));
    }),
    { numRuns, seed: 1 },
  );
});

const others = {
  ranks: (options: never) => ranks(target, options),
  compress: (options: never) => compress(target, options),
  splitHalf: (options: never) => splitHalf(target, 1, options),
  heldOutCells: (options: never) => heldOutCells(target, 1, options),
};

test.each(Object.entries(others))('%s refuses what are no options', async (who, call) => {
  for (const options of [null, 5, 'x', [], { signal: 3 }, { signal: {} }, { unknown: 1 }]) {
    const error = await outcomeOf(() => call(options as never));
    expect(error, JSON.stringify(options)).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(new RegExp(`^${who}: expected `));
  }
});

const components = factored({ order: 3, dim: 4, weights: [2, 1], vectors: [1, 0, 0, 1, 0, 1, 1, 0] });
const model = symmetricToKruskal(components);
const whole = toDense(model);
const cells = Array.from({ length: 64 }, (_, cell) => cell);
const entries = observed(
  [4, 4, 4],
  cells.flatMap((cell) => [cell >> 4, (cell >> 2) & 3, cell & 3]),
  whole.data,
);

/** Every public function with options: their names, and a call that takes them. */
const functions: Record<string, [names: string[], call: (options: object) => unknown]> = {
  compact: [
    ['dropBelow', 'mergeCosine', 'tolerance', 'rankTolerance', 'maxSteps'],
    (options) => compact(components, components, options),
  ],
  compactCp: [
    ['rank', 'loss', 'held', 'dropBelow', 'mergeCosine', 'tolerance', 'maxSteps', 'ridge'],
    (options) => compactCp(entries, model, options),
  ],
  compress: [['ranks', 'tolerance', 'sweeps', 'signal'], (options) => compress(target, options)],
  congruence: [['skip'], (options) => congruence(model, model, options)],
  decomposeBatch: [
    ['width', 'seeds', 'tolerance', 'backend', 'signal'],
    (options) => decomposeBatch([components], { maxSteps: 2, backend: 'cpu', ...options }),
  ],
  factorMatchScore: [['skip'], (options) => factorMatchScore(model, model, options)],
  heldOutCells: [['folds', 'seed', 'starts', 'signal'], (options) => heldOutCells(target, 1, options)],
  holdOut: [['share', 'seed', 'together'], (options) => holdOut(entries, options)],
  openBackend: [['device'], (options) => openBackend('cpu', options)],
  ranks: [['maxRank', 'starts', 'seed', 'signal'], (options) => ranks(target, options)],
  splitHalf: [['mode', 'seed', 'starts', 'signal'], (options) => splitHalf(dense(whole.shape, whole.data), 1, options)],
};

test.each(Object.entries(functions))('%s takes an option or names it', async (_, [names, call]) => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), strange, async (name, value) => {
      const error = await outcomeOf(() => Promise.resolve().then(() => call({ [name]: value })));
      if (error === undefined) return;
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toContain(name === 'held' ? 'target' : name);
    }),
    { numRuns: 200, seed: 1 },
  );
});
