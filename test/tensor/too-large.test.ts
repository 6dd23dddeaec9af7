// Arrays that no memory holds are refused in bytes, by an InputError in place of the RangeError of a typed array.
import { expect, test } from 'vitest';
import {
  cpToTucker,
  denseTensor,
  InputError,
  kruskal,
  matrix,
  packKruskal,
  symmetricKruskal,
  symmetricTensor,
  toDense,
  tuckerToDense,
  unpackSymmetric,
} from '../../src/index.js';

const thin = (rows: number): ReturnType<typeof matrix> => matrix(rows, 1);
const four = [1, 2, 3, 4];

test.each<[string, () => unknown]>([
  [
    'toDense',
    () =>
      toDense(
        kruskal(
          [1],
          four.map(() => thin(1e4)),
        ),
      ),
  ],
  ['toDense', () => toDense(symmetricKruskal(60, [1], matrix(1, 2, [1, 1])))],
  ['matrix', () => matrix(1e6, 1e6)],
  ['packKruskal', () => packKruskal(symmetricKruskal(8, [1], matrix(1, 1000)))],
  ['unpackSymmetric', () => unpackSymmetric(symmetricTensor(8, 20, new Float64Array(2_220_075)))],
  ['expandMode', () => tuckerToDense({ core: denseTensor([1, 1], [1]), factors: [thin(1e6), thin(1e6)] })],
  [
    'toDense',
    () =>
      cpToTucker(
        kruskal(
          new Float64Array(400).fill(1),
          four.map((mode) => matrix(400 + mode, 400)),
        ),
      ),
  ],
])('%s', (who, make) => {
  expect(make).toThrow(InputError);
  expect(make).toThrow(
    new RegExp(
      `^${who}: expected an array that fits into memory, got one of [\\de+.]+ numbers, [\\de+.]+ bytes\\. Choose smaller sizes\\.$`,
    ),
  );
});
