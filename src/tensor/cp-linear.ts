// A linear layer whose matrix is a CP tensor, and the prior that chooses its rank. Input and output are cut into modes, row-major:
//   output[b, o] = Σ_r t[b, r] Π_m C_m[o_m, r],     t[b, r] = Σ_i input[b, i] Π_n A_n[i_n, r]
// With the batch as mode 0, t is an MTTKRP of the input and the output a CP model with t as its first factor, so that all gradients are
// MTTKRPs too. 2 · batch · (inputs + outputs) · rank flops, gradients twice that.
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { cpResidual, mttkrp, mttkrpAll } from './cp-products.js';
import type { Matrix } from './matrix.js';
import { requireNamedOptions } from '../names.js';
import { isInteger, isMatrix, isObject, isShape, requireForm, requireMatrix } from './require.js';
import { sizeOf } from './shape.js';

export interface CpLinear {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** A_1, …, C_1, …, each `[size of the mode, rank]`; their entries may be changed in place. */
  readonly factors: readonly Matrix[];
}

/**
 * A linear layer whose matrix `[outputs, inputs]` is a CP tensor, output[o] = Σ_r Π_m C_m[o_m, r] Σ_i input[i] Π_n A_n[i_n, r], with
 * Gaussian factors such that outputs have about the mean square of the inputs' entries.
 *
 * @example
 * ```ts
 * import { cpLinear, cpLinearOutput, matrix } from 'polyadic';
 *
 * const layer = cpLinear([4, 4], [10], { rank: 3 });
 * console.log(cpLinearOutput(layer, matrix(32, 16)).columns); // 10
 * ```
 * @throws InputError for sizes, a rank or a seed that are no numbers of the kind.
 */
export function cpLinear(
  inputShape: readonly number[],
  outputShape: readonly number[],
  options: { readonly rank: number; readonly seed?: number },
): CpLinear {
  requireModes('inputShape', inputShape);
  requireModes('outputShape', outputShape);
  requireNamedOptions('cpLinear', options, ['rank', 'seed']);
  const { rank, seed = 0 } = options;
  requireForm('cpLinear', rank, isFrom(1, rank), { name: 'rank', expected: 'a number of components from 1' });
  requireForm('cpLinear', seed, isFrom(0, seed), { name: 'seed', expected: 'an integer from 0' });
  const modes = [...inputShape, ...outputShape];
  const random = randomStream(seed, 0);
  // The entries of the matrix, sums of `rank` products, are to have the variance 1 / inputs.
  const deviation = (sizeOf(inputShape) * rank) ** (-0.5 / modes.length);
  const factors = modes.map((rows) => ({
    rows,
    columns: rank,
    data: Float64Array.from({ length: rows * rank }, () => deviation * random.normal()),
  }));
  return { inputShape, outputShape, factors };
}

/**
 * The layer of the transposed matrix: of a gradient by the outputs it makes the one by the inputs. Shares the factors.
 *
 * @example
 * ```ts
 * import { cpLinear, transposedCpLinear } from 'polyadic';
 *
 * const { inputShape, outputShape } = transposedCpLinear(cpLinear([4, 4], [10], { rank: 3 }));
 * console.log(inputShape, outputShape); // [ 10 ] [ 4, 4 ]
 * ```
 */
export function transposedCpLinear(layer: CpLinear): CpLinear {
  requireLayer('transposedCpLinear', layer);
  const { inputShape, outputShape, factors } = layer;
  const outputs = factors.slice(inputShape.length);
  return {
    inputShape: outputShape,
    outputShape: inputShape,
    factors: [...outputs, ...factors.slice(0, inputShape.length)],
  };
}

/**
 * Outputs `[batch, outputs]` of inputs `[batch, inputs]`.
 *
 * @example
 * ```ts
 * import { cpLinear, cpLinearOutput, matrix } from 'polyadic';
 *
 * const { rows, columns } = cpLinearOutput(cpLinear([4, 4], [2, 5], { rank: 3 }), matrix(32, 16));
 * console.log(rows, columns); // 32 10
 * ```
 * @throws InputError for inputs of another size.
 */
export function cpLinearOutput(layer: CpLinear, inputs: Matrix): Matrix {
  requireLayer('cpLinearOutput', layer);
  requireRows('cpLinearOutput', 'inputs', inputs, layer.inputShape);
  const { outputShape } = layer;
  const { rank, outputFactors } = partsOf(layer);
  const columns = sizeOf(outputShape);
  const data = new Float64Array(inputs.rows * columns);
  const shape = [inputs.rows, ...outputShape];
  cpResidual(shape, rank, [encoded(layer, inputs), ...outputFactors], new Float64Array(data.length), data);
  return { rows: inputs.rows, columns, data };
}

/**
 * Gradients of a loss by the factors, in their order and layout, from that by the outputs, `[batch, outputs]`, which is summed over the
 * batch. The gradient by the inputs is cpLinearOutput(transposedCpLinear(layer), gradient).
 *
 * @example
 * ```ts
 * import { cpLinear, cpLinearGradient, cpLinearOutput, matrix } from 'polyadic';
 *
 * const layer = cpLinear([2, 2], [3], { rank: 2 });
 * const inputs = matrix(1, 4, [1, 2, 3, 4]);
 * const outputs = cpLinearOutput(layer, inputs); // the gradient of ½ ‖outputs‖² by the outputs
 * console.log(cpLinearGradient(layer, inputs, outputs).map(({ length }) => length)); // [ 4, 4, 6 ]
 * ```
 * @throws InputError for inputs or a gradient of another size.
 */
export function cpLinearGradient(layer: CpLinear, inputs: Matrix, gradient: Matrix): Float64Array[] {
  requireLayer('cpLinearGradient', layer);
  const { inputShape, outputShape, factors } = layer;
  requireRows('cpLinearGradient', 'inputs', inputs, inputShape);
  requireRows('cpLinearGradient', 'gradient', gradient, outputShape, inputs.rows);
  const { rank, inputFactors, outputFactors } = partsOf(layer);
  const batch = inputs.rows;
  const outs = factors.map(({ data }) => new Float64Array(data.length));
  const byCode = new Float64Array(batch * rank);
  const ofOutput = [byCode, ...outs.slice(inputShape.length)];
  mttkrpAll([batch, ...outputShape], rank, [encoded(layer, inputs), ...outputFactors], gradient.data, ofOutput);
  const ofInput = [new Float64Array(batch * rank), ...outs.slice(0, inputShape.length)];
  mttkrpAll([batch, ...inputShape], rank, [byCode, ...inputFactors], inputs.data, ofInput);
  return outs;
}

/**
 * Automatic rank determination: columns of all factors of component r are Gaussian of precision λ_r, and λ_r ~ Gamma(shape, rate); given
 * the factors, its mean is λ_r = (shape + D/2) / (rate + ½ Σ_n ‖w_r^n‖²), D = Σ_n rows. Add λ_r · w_r to the gradient of a negative log
 * likelihood: components that the data do not need then shrink to nothing (Zhao, Zhang & Cichocki, IEEE TPAMI 37, 2015). `[rank]`
 *
 * @example
 * ```ts
 * import { componentPrecisions, cpLinear } from 'polyadic';
 *
 * const layer = cpLinear([4, 4], [10], { rank: 3 });
 * console.log(componentPrecisions(layer.factors).length); // 3
 * ```
 * @throws InputError for factors of unequal numbers of columns, and for a shape or rate that is not above 0.
 */
export function componentPrecisions(
  factors: readonly Matrix[],
  options: { readonly shape?: number; readonly rate?: number } = {},
): Float64Array {
  requireFactors('componentPrecisions', factors);
  requireNamedOptions('componentPrecisions', options, ['shape', 'rate']);
  const { shape = 1, rate = 0.05 } = options;
  for (const [name, value] of Object.entries({ shape, rate })) {
    const isRight = Number.isFinite(value) && value > 0;
    requireForm('componentPrecisions', value, isRight, { name, expected: 'a number above 0' });
  }
  const squares = new Float64Array(factors[0]?.columns ?? 0);
  for (const { columns, data } of factors) data.forEach((value, at) => (squares[at % columns]! += value ** 2));
  const numbers = factors.reduce((sum, { rows }) => sum + rows, 0);
  return squares.map((square) => (shape + numbers / 2) / (rate + square / 2));
}

/**
 * The layer with some of its components alone.
 *
 * @example
 * ```ts
 * import { cpLinear, keepComponents } from 'polyadic';
 *
 * const layer = keepComponents(cpLinear([4, 4], [10], { rank: 3 }), [0, 2]);
 * console.log(layer.factors[0]?.columns); // 2
 * ```
 * @throws InputError for components that it has not.
 */
export function keepComponents(layer: CpLinear, kept: readonly number[]): CpLinear {
  requireLayer('keepComponents', layer);
  const { rank } = partsOf(layer);
  const isRight = Array.isArray(kept) && kept.every((r) => isFrom(0, r) && r < rank);
  requireForm('keepComponents', kept, isRight, { name: 'kept', expected: `components from 0 to ${rank - 1}` });
  const factors = layer.factors.map(({ rows, columns, data }) => ({
    rows,
    columns: kept.length,
    data: Float64Array.from({ length: rows * kept.length }, (_, at) => {
      return data[Math.floor(at / kept.length) * columns + kept[at % kept.length]!]!;
    }),
  }));
  return { ...layer, factors };
}

/** t, `[batch, rank]` */
function encoded(layer: CpLinear, { rows, data }: Matrix): Float64Array {
  const { rank, inputFactors } = partsOf(layer);
  const code = new Float64Array(rows * rank);
  mttkrp([rows, ...layer.inputShape], rank, [code, ...inputFactors], 0, data, code);
  return code;
}

function partsOf({ inputShape, factors }: CpLinear) {
  const data = factors.map((factor) => factor.data);
  return {
    rank: factors[0]?.columns ?? 0,
    inputFactors: data.slice(0, inputShape.length),
    outputFactors: data.slice(inputShape.length),
  };
}

const isFrom = (smallest: number, value: unknown): boolean => isInteger(value) && value >= smallest;

function requireFactors(who: string, factors: unknown): void {
  const isRight =
    Array.isArray(factors) &&
    factors.length > 0 &&
    factors.every((factor) => isMatrix(factor) && factor.columns === (factors as Matrix[])[0]!.columns);
  const expected = 'matrices with as many columns each';
  requireForm(who, factors, isRight, { name: 'factors', expected, remedy: 'Give the factors of a layer' });
}

/** Whoever changes factors may put others in their place. */
function requireLayer(who: string, layer: unknown): void {
  const { inputShape, outputShape, factors } = isObject(layer) ? layer : {};
  const expected = 'a layer { inputShape, outputShape, factors }';
  const isRight = isShape(inputShape) && isShape(outputShape) && Array.isArray(factors);
  requireForm(who, layer, isRight, { name: 'the layer', expected, remedy: 'Make it by cpLinear' });
  requireFactors(who, factors);
  const rows = (factors as readonly Matrix[]).map((factor) => factor.rows);
  const modes = [...(inputShape as readonly number[]), ...(outputShape as readonly number[])];
  const fits = rows.length === modes.length && rows.every((size, mode) => size === modes[mode]);
  requireForm(who, rows.join(', '), fits, { name: 'rows of factors', expected: modes.join(', ') });
}

function requireModes(name: string, shape: readonly number[]): void {
  const isRight = isShape(shape) && shape.length > 0 && shape.every((size) => size > 0);
  requireForm('cpLinear', shape, isRight, { name, expected: 'sizes such as [28, 28]', remedy: `Change ${name}` });
}

function requireRows(who: string, name: string, given: Matrix, shape: readonly number[], rows?: number): void {
  requireMatrix(who, name, given);
  if (given.columns === sizeOf(shape) && (rows === undefined || given.rows === rows)) return;
  throw new InputError(
    `${who}: expected ${name} with ${rows === undefined ? '' : `${rows} rows and `}${sizeOf(shape)} columns, for shape [${shape.join(', ')}], got ${given.rows} × ${given.columns}. Give one row per example.`,
  );
}
