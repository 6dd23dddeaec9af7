// A symmetric tensor given in factored form, T* = Σ_k weights[k] · vectors[k]^{⊗ order}; it is never formed.
import { InputError } from '../errors.js';
import { symmetricKruskal, type SymmetricKruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { finiteFloat64, shownValue } from '../tensor/numbers.js';
import { euclideanNorm, exponentOf, timesPowerOfTwo } from '../tensor/square-sum.js';
import { shown } from '../names.js';
import { isInteger, isList, isObject, requireForm, requireList } from '../tensor/require.js';

export interface FactoredTarget extends SymmetricKruskal {
  readonly kind: 'factored';
  readonly dim: number;
}

export interface FactoredInput {
  /** Number of modes, 2 to 8. */
  readonly order: number;
  /** Size of every mode. */
  readonly dim: number;
  /** `[rank]` */
  readonly weights: ArrayLike<number>;
  /** `[rank, dim]`, one component a row: a Matrix, a flat array, or rows. */
  readonly vectors: Matrix | ArrayLike<number> | readonly ArrayLike<number>[];
}

const maxOrder = 8;

/**
 * A symmetric target in factored form, `Σ_k weights[k] · vectors[k]^{⊗ order}`, which is never formed.
 *
 * @example
 * ```ts
 * import { decompose, factored } from 'polyadic';
 *
 * const target = factored({ order: 3, dim: 2, weights: [2, 1], vectors: [1, 0, 0.6, 0.8] });
 * console.log((await decompose(target)).rank); // 2
 * ```
 * @throws InputError when sizes do not fit or an entry is not finite.
 */
export function factored(input: FactoredInput): FactoredTarget {
  const expected = '{ order, dim, weights, vectors }';
  requireForm('factored', input, isObject(input), { name: 'the tensor', expected, remedy: 'Give such an object' });
  const { order, dim, weights, vectors: given } = input;
  if (!Number.isInteger(order) || order < 2 || order > maxOrder) {
    throw new InputError(
      `factored: expected an order from 2 to ${maxOrder}, got ${shown(order)}. Give the number of modes.`,
    );
  }
  const remedy = 'Give the size of one mode';
  requireForm('factored', dim, isInteger(dim) && dim > 0, { name: 'dim', expected: 'a positive integer', remedy });
  requireList('factored', 'weights', weights);
  const rank = weights.length;
  const data = entriesOf(given, dim);
  if (rank === 0 || data.length !== rank * dim) {
    throw new InputError(
      `factored: expected vectors [${rank}, ${dim}] for ${rank} weights and dim ${dim}, got ${data.length} entries. Give one row of length dim a weight.`,
    );
  }
  const finite = (what: string, values: ArrayLike<number>, place?: (at: number) => string): Float64Array =>
    finiteFloat64(values, {
      who: 'factored',
      expected: `finite ${what}`,
      remedy: 'Remove it',
      ...(place ? { place } : {}),
    });
  const numbers = finite('vectors', data, (at) => `at [${Math.floor(at / dim)}, ${at % dim}]`);
  const vectors = { rows: rank, columns: dim, data: numbers };
  const target: FactoredTarget = {
    kind: 'factored',
    dim,
    ...symmetricKruskal(order, finite('weights', weights), vectors),
  };
  const largest = largestComponent(target);
  if (!Number.isFinite(largest)) {
    throw new InputError(
      `factored: expected components of finite norm |weight| · ‖vector‖^order, got ${largest}. Scale the weights down.`,
    );
  }
  return target;
}

/** Norm of the strongest component, |weight| · ‖vector‖^order. */
export const largestComponent = (model: SymmetricKruskal): number =>
  model.weights.reduce((largest, _, k) => Math.max(largest, componentNorm(model, k)), 0);

function componentNorm({ order, weights, vectors: { columns, data } }: SymmetricKruskal, k: number): number {
  const length = euclideanNorm(data.subarray(k * columns, (k + 1) * columns));
  if (length === 0) return 0;
  // Apart from its exponent, which the weight may cancel: the power alone may leave the range of float64.
  const exponent = exponentOf(length);
  return timesPowerOfTwo(Math.abs(weights[k]!) * timesPowerOfTwo(length, -exponent) ** order, order * exponent);
}

/** All entries in one list; what they are is not yet checked. */
function entriesOf(vectors: FactoredInput['vectors'], dim: number): ArrayLike<number> {
  if (isObject(vectors) && !isList(vectors) && isList(vectors.data)) return vectors.data;
  requireList('factored', 'vectors', vectors);
  const first: unknown = vectors[0];
  if (typeof first !== 'object' || first === null) return vectors as ArrayLike<number>;
  return Array.from(vectors as readonly ArrayLike<number>[]).flatMap((row, r) => {
    if (typeof row === 'object' && row !== null && row.length === dim) return Array.from(row);
    const got = typeof row === 'object' && row !== null ? `${row.length} numbers` : shownValue(row);
    throw new InputError(
      `factored: expected vectors[${r}] to have ${dim} numbers, got ${got}. Give one row of length dim a weight.`,
    );
  });
}
