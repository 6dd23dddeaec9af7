// What the handles of symmetric targets have in common, in whatever form they are given: a float64 view, made when it is first asked
// for, since some are expensive (a moment tensor is formed). Model: Σ_r c_r u_r^{⊗ order}.
import { refit } from '../compaction/refit.js';
import { measureSteps, type SymmetricView } from './views/symmetric-view.js';
import { finishSymmetric } from '../finish/symmetric.js';
import { InputError } from '../errors.js';
import type { SymmetricTarget } from '../targets/target.js';
import { isSymmetric, noComponents, type AnyKruskal, type SymmetricKruskal } from '../tensor/kruskal.js';
import { normalize, strongest } from '../tensor/normalize.js';
import { packedLength } from '../tensor/symmetric.js';
import { finished, passed, type MaybeWork } from '../yield.js';
import type { FinishWork, Found, Handle, ResidualError } from './handle.js';

export interface SymmetricProblem<T extends SymmetricTarget = SymmetricTarget> extends Handle<T> {
  readonly family: 'symmetric';
  readonly defaultAlgorithm: 'staged';
  readonly gpuAlgorithm: 'staged';
  readonly order: number;
  readonly dim: number;
  /** The target in float64: contractions, errors, its span. */
  readonly view: SymmetricView;
  scaled(factor: number): SymmetricProblem<T>;
  /** All modes have one size: there is nothing to take out. */
  squeezed(): undefined;
  finish(found: Found<unknown>): FinishWork;
}

/** What a kind of symmetric target has of its own. */
export interface SymmetricKind<T extends SymmetricTarget> {
  readonly target: T;
  readonly isZero: boolean;
  readonly scale: number;
  readonly makeView: () => MaybeWork<SymmetricView>;
  readonly expectedRank: number;
  readonly stepFlops: (width: number) => number;
  readonly maxBatch?: number;
  /** In place of the view's own measure. */
  readonly measure?: (view: SymmetricView, model: SymmetricKruskal) => ResidualError;
  readonly scaled: (factor: number) => SymmetricProblem<T>;
}

export function symmetricProblem<T extends SymmetricTarget>(kind: SymmetricKind<T>): SymmetricProblem<T> {
  const { target, isZero, scale, makeView, expectedRank, stepFlops, maxBatch = Infinity, scaled } = kind;
  const { order, dim } = target;
  let view: SymmetricView | undefined;
  const problem: SymmetricProblem<T> = {
    family: 'symmetric',
    defaultAlgorithm: 'staged',
    gpuAlgorithm: 'staged',
    target,
    order,
    dim,
    shape: new Array<number>(order).fill(dim),
    get isZero() {
      // The norm of components that nearly cancel may be 0 by rounding; that of what was formed is exact.
      return isZero || (view !== undefined && !view.components && view.norm === 0);
    },
    scale,
    *prepare() {
      view ??= yield* passed(makeView());
    },
    get view() {
      view ??= finished(passed(makeView()));
      if (view.components || view.norm > 0) return view;
      throw new InputError(
        `decompose: expected a ${target.kind} target that is not zero, got norm ${view.norm}. Errors are relative to it.`,
      );
    },
    empty: noComponents(target),
    expectedRank,
    stepFlops,
    // The model's rows, and those of a factored target.
    largestArray: (width) => (width + expectedRank) * dim,
    maxBatch,
    *measure(model) {
      requireSymmetric('measure', model);
      return kind.measure?.(problem.view, model) ?? (yield* measureSteps(problem.view, model));
    },
    scaled,
    squeezed: () => undefined,
    finish: (found) => finishSymmetric(problem.view, found),
    *strongest(model, rank) {
      requireSymmetric('strongest', model);
      return yield* refit(problem.view, strongest(normalize(model), rank));
    },
  };
  return problem;
}

function requireSymmetric(who: string, model: AnyKruskal): asserts model is SymmetricKruskal {
  if (isSymmetric(model)) return;
  throw new InputError(`${who}: expected a symmetric model, got one with factors. Give { order, weights, vectors }.`);
}

/** Where no rank is given: as many components as dimensions, but not more than this; later stages find the rest. */
const maxExpected = 64;

export const expectedComponents = (dim: number): number => Math.min(dim, maxExpected);

/** Of a contraction of a packed tensor with `width` vectors. */
export const packedFlops = (order: number, dim: number, width: number): number =>
  2 * width * dim * packedLength(order - 1, dim);
