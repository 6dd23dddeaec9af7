// Texts of Tensor Toolbox and pyttb: what is written is read, and any text gives a tensor or an InputError.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { matrix, symmetricKruskal, symmetricToKruskal } from '../../src/index.js';
import { readKtensor, readToolboxTensor, writeKtensor, writeToolboxTensor } from '../../src/io/index.js';
import '../support/arbitraries.js';

/** As export_data of Tensor Toolbox 3 prints a ktensor: %.16e, a blank at the end of a line. */
const exported = `ktensor
3 
2 1 3 
2 
2.0000000000000000e+00 5.0000000000000000e-01 
matrix
2 
2 2 
1.0000000000000000e+00 2.0000000000000000e+00 
3.0000000000000000e+00 4.0000000000000000e+00 
matrix
2 
1 2 
-1.0000000000000000e+00 5.0000000000000000e+00 
matrix
2 
3 2 
6.0000000000000000e+00 7.0000000000000000e+00 
8.0000000000000000e+00 9.0000000000000000e+00 
1.0000000000000000e+01 1.1000000000000000e+01 
`;

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const numbers = (length: number) =>
  fc.array(finite, { minLength: length, maxLength: length }).map((all) => Float64Array.from(all));
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const models = fc.tuple(shapes, fc.integer({ min: 0, max: 3 })).chain(([shape, rank]) =>
  fc.record({
    weights: numbers(rank),
    factors: fc.tuple(...shape.map((rows) => numbers(rows * rank).map((data) => ({ rows, columns: rank, data })))),
  }),
);
const tensors = shapes.chain((shape) =>
  numbers(shape.reduce((size, rows) => size * rows, 1)).map((data) => ({ shape, data })),
);

describe('ktensor', () => {
  it('reads what export_data prints', () => {
    const { weights, factors } = readKtensor(exported);
    expect(Array.from(weights)).toEqual([2, 0.5]);
    expect(factors.map(({ rows, columns, data }) => [rows, columns, ...data])).toEqual([
      [2, 2, 1, 2, 3, 4],
      [1, 2, -1, 5],
      [3, 2, 6, 7, 8, 9, 10, 11],
    ]);
  });

  it('reads what it writes, to the last bit', () => {
    fc.assert(
      fc.property(models, (model) => {
        expect(readKtensor(writeKtensor(model))).toEqual(model);
      }),
    );
  });

  it('writes symmetric models as general ones', () => {
    const model = symmetricKruskal(3, [2, 1], matrix(2, 2, [1, 0, 0.6, 0.8]));
    expect(readKtensor(writeKtensor(model))).toEqual(symmetricToKruskal(model));
  });

  it.each<[string, string, RegExp]>([
    ['another word', exported.replace('ktensor', 'sptensor'), /expected the word ktensor, got sptensor on line 1/],
    [
      'a size that is none',
      exported.replace('2 1 3', '2 x 3'),
      /expected the size of a mode, an integer from 1 on, got x on line 3/,
    ],
    ['other rows', exported.replace('1 2 \n-1', '4 2 \n-1'), /rows of the factor of mode 1 to be 1, got 4 on line 13/],
    ['a cut', exported.slice(0, 200), /got the end of the file/],
    ['more', `${exported}7`, /expected the end of the file, got 7 on line 21/],
    ['many modes', 'ktensor\n99999\n', /at most 256 modes/],
    ['sizes beyond numbers', `ktensor\n3\n${'999999999 '.repeat(3)}`, /expected sizes of a tensor/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readKtensor(text)).toThrow(InputError);
    expect(() => readKtensor(text)).toThrow(message);
  });

  it('refuses to write what is no number', () => {
    const model = { weights: Float64Array.of(NaN), factors: [{ rows: 1, columns: 1, data: Float64Array.of(1) }] };
    expect(() => writeKtensor(model)).toThrow(/expected finite numbers, got NaN/);
  });
});

describe('tensor', () => {
  it('reads entries whose first index changes fastest', () => {
    expect(readToolboxTensor('tensor\n2\n2 3\n1\n2\n3\n4\n5\n6\n')).toEqual({
      dtype: 'f8',
      shape: [2, 3],
      data: Float64Array.of(1, 3, 5, 2, 4, 6),
    });
  });

  it('reads what it writes, to the last bit', () => {
    fc.assert(
      fc.property(tensors, (tensor) => {
        expect(readToolboxTensor(writeToolboxTensor(tensor))).toEqual({ dtype: 'f8', ...tensor });
      }),
    );
  });
});

it.each([
  ['ktensor', readKtensor, exported],
  ['tensor', readToolboxTensor, 'tensor\n2\n2 3\n1\n2\n3\n4\n5\n6\n'],
])('gives a %s or an InputError for any text', { timeout: 300_000 }, (_, read, source) => {
  const pieces = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom('2', '1e999', '-0', '\n', ' ', '9007199254740993'),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(source.length), fc.nat(4), pieces), { minLength: 1, maxLength: 4 }),
      (edits) => {
        const text = edits.reduce((now, [at, gone, piece]) => now.slice(0, at) + piece + now.slice(at + gone), source);
        try {
          read(text);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
