// The float64 finish of a CP model of a dense tensor: damped Gauss-Newton (Levenberg-Marquardt) on all factors at once,
// minimizing ½‖E‖², E = model − target. Where alternating least squares creeps along a valley, this takes a few steps.
// A step looks at the tensor once for each try and twice for the gradient: 6 · size · rank flops or more. Where cells are missing
// the loss is that of the known ones, and a step takes up to 20 times 8 · size · rank flops for the exact normal equations.
import { cpDerivative, cpResidual, mttkrpAll } from '../tensor/cp-products.js';
import { denseNorm } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import type { Matrix } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';
import { plus } from '../linalg/algebra.js';
import { gaussNewtonStep, type Limits } from './gauss-newton.js';

export interface PolishOptions {
  /** Stop when an accepted step lowers the error by less than this, relative to itself. */
  readonly tolerance: number;
  readonly maxSteps: number;
  /** How precisely a step's linear system is solved. Default: to a millionth. */
  readonly precision?: Limits;
}

export interface PolishReport {
  readonly step: number;
  readonly relativeError: number;
  readonly kruskal: Kruskal;
  /** Set in the last report: whether the tolerance was met, the steps were used up, or the answer cannot be vouched for. */
  readonly stop: 'converged' | 'stalled' | 'stepLimit' | undefined;
  /** Starts that came to the same answer, in the last report of a finish that looks at them. */
  readonly agreeing?: number;
  /** In place of the stop reason's own words. */
  readonly advice?: string;
}

/** Relative to the mean diagonal of JᵀJ: damping at the start, and beyond which no step helps (the error is at its floor). */
const firstDamping = 1e-3;
const hopelessDamping = 1e8;

/** Yields the model after every accepted step; the error never rises. */
export function* polishCp(
  target: PartlyKnownTensor,
  start: Kruskal,
  { tolerance, maxSteps, precision }: PolishOptions,
): Generator<PolishReport> {
  const targetNorm = denseNorm(target) || 1;
  let point = evaluate(target, balanced(start));
  let damping = firstDamping;
  for (let step = 1; ; step++) {
    const next = improve(target, point, damping, precision);
    const fall = next ? (point.error - next.point.error) / next.point.error : 0;
    const settled = next === undefined || fall < tolerance || next.point.error <= 4 * Number.EPSILON * targetNorm;
    if (next) {
      point = next.point;
      damping = Math.max(next.damping / 9, Number.EPSILON);
    }
    const stop = settled ? 'converged' : step >= maxSteps ? 'stepLimit' : undefined;
    const weights = new Float64Array(point.factors[0]?.columns ?? 0).fill(1);
    yield { step, relativeError: point.error / targetNorm, kruskal: { weights, factors: point.factors }, stop };
    if (stop) return;
  }
}

interface Point {
  /** One a mode, `[shape[mode], rank]`, the columns of a component of equal norm in all modes. */
  readonly factors: readonly Matrix[];
  /** ‖E‖ */
  readonly error: number;
  readonly residual: Float64Array;
}

function evaluate(target: PartlyKnownTensor, factors: readonly Matrix[]): Point {
  const residual = new Float64Array(target.data.length);
  cpResidual(target.shape, factors[0]?.columns ?? 0, dataOf(factors), target.data, residual, target.known);
  return { factors, residual, error: denseNorm({ shape: target.shape, data: residual }) };
}

/** The first step, with rising damping, that lowers the error; undefined when none does. */
function improve(
  target: PartlyKnownTensor,
  point: Point,
  damping: number,
  precision: Limits | undefined,
): { point: Point; damping: number } | undefined {
  const gradient = productsOf(target.shape, point.factors, point.residual);
  const known = target.known && curvatureOf(target.shape, target.known, point.factors);
  for (let trial = damping; trial < hopelessDamping; trial *= 4) {
    const step = gaussNewtonStep(point.factors, gradient, trial, known, precision);
    const moved = point.factors.map((factor, mode) => plus(factor, step[mode]!, 1));
    const next = evaluate(
      target,
      balanced({ weights: new Float64Array(moved[0]?.columns ?? 0).fill(1), factors: moved }),
    );
    if (next.error < point.error) return { point: next, damping: trial };
  }
  return undefined;
}

/** MTTKRP of a tensor, every mode: of the residual it is the gradient. */
function productsOf(shape: readonly number[], factors: readonly Matrix[], tensor: Float64Array): Matrix[] {
  const products = factors.map((factor) => ({ ...factor, data: new Float64Array(factor.data.length) }));
  mttkrpAll(shape, factors[0]?.columns ?? 0, dataOf(factors), tensor, dataOf(products));
  return products;
}

/** V ↦ JᵀWJ V, W the mask: the curvature of the loss of the known cells. */
function curvatureOf(shape: readonly number[], mask: Uint8Array, factors: readonly Matrix[]) {
  const moved = new Float64Array(mask.length);
  return (v: readonly Matrix[]): Matrix[] => {
    cpDerivative(shape, factors[0]?.columns ?? 0, dataOf(factors), dataOf(v), moved, mask);
    return productsOf(shape, factors, moved);
  };
}

/** The factors with every component's weight spread evenly over the modes. */
function balanced(model: Kruskal): Matrix[] {
  const { weights, factors } = normalize(model);
  const roots = weights.map((weight) => Math.abs(weight) ** (1 / factors.length));
  return factors.map((factor, mode) => {
    const data = factor.data.map((value, at) => {
      const c = at % factor.columns;
      return value * roots[c]! * (mode === 0 && weights[c]! < 0 ? -1 : 1);
    });
    return { ...factor, data };
  });
}

const dataOf = (factors: readonly Matrix[]): Float64Array[] => factors.map(({ data }) => data);
