// A symmetric model and its residual on a backend, for a batch of starts. One stack of rows, the model's first, then rows
// that stay: a factored target's with weights −c*, and whatever a caller holds fixed. The residual's contraction
//   A_i = E(·, v_i, …, v_i),  s_i = ⟨A_i, v_i⟩,  E = model + fixed rows − target
// is one sweep over the stack; a dense or sampled target is subtracted by its own contraction. All steps of the flows are that
// contraction and an update. Now and then every row of the stack is a query, not only the model's: the residual seen from all
// of them goes into a ring on the backend, which stops the run there when it is small enough.
import type { DeviceArray, Scope } from '../backend/backend.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';
import { BackendError } from '../errors.js';
import type { MomentsTarget } from '../targets/moments.js';
import type { Observed } from '../result.js';
import { noComponents, type SymmetricKruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import { smallest } from './algorithm.js';

export interface SymmetricStack {
  readonly scope: Scope;
  /** The target in float64: its sizes, its content, and errors of small problems. Of every start: one, or one per start. */
  readonly views: readonly SymmetricView[];
  /** The first of them. */
  readonly view: SymmetricView;
  readonly fixed: SymmetricKruskal | undefined;
  readonly batch: number;
  /** Rows of the model, and of the whole stack. */
  readonly width: number;
  readonly columns: number;
  /** `[batch, columns, dim]` and `[batch, columns]` */
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
  /** The last contraction: of the model's rows, or of all; `[batch, width or columns, dim]` and without dim. */
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
  /** Step sizes, `[batch]`; 0 once the run has stopped itself. */
  readonly rates: DeviceArray;
  readonly squares: DeviceArray;
  readonly trace: DeviceArray;
  /** How many residuals were read back so far, and the residuals of those not yet reported. */
  readonly errorSamples: { count: number; fresh: number[] };
  /** Packed entries, or chunks of samples with their negated weights. */
  readonly content: Content;
}

type Content =
  | { readonly kind: 'none' }
  | { readonly kind: 'packed'; readonly tensor: DeviceArray }
  | {
      readonly kind: 'samples';
      readonly chunks: readonly { vectors: DeviceArray; weights: DeviceArray }[];
      readonly cumulant: boolean;
    };

/** Steps between two samples of the residual from all rows: one costs a contraction of the fixed rows and two small dispatches. */
export const traceEvery = 10;
/** Residuals that the ring keeps; a run reads it before they come round. */
const traceSlots = 64;
/** The residual seen from the stack's rows is 0.62 to 0.85 of the true one (random targets of orders 3 to 5, errors 1e-1 to 1e-7). */
export const probeShare = 0.6;

/** Host work (inner products or entries times components) up to which float64 is quick enough for every report: about 0.2 s. */
const hostWork = 2e8;
/** Ten times the floor of a float32 sum that cancels: there it is good to about a percent. */
const trusted = 5e-3;

export interface StackInput {
  readonly scope: Scope;
  readonly view: SymmetricView;
  /** One per start, all of one width. */
  readonly models: readonly SymmetricKruskal[];
  /** Components that belong to the model but do not move. Default: none. */
  readonly fixed?: SymmetricKruskal;
  /** One factored target per start, all of one order, dim and number of components; `view` is then the first. Default: `view` for all. */
  readonly views?: readonly SymmetricView[];
}

export function openStack({ scope, view, models, fixed, views = [view] }: StackInput): SymmetricStack {
  const { dim } = view;
  const batch = models.length;
  const width = models[0]!.weights.length;
  const constants = views.map((own) => constantRows(own, fixed));
  const columns = width + constants[0]!.weights.length;
  const vectors = new Float64Array(batch * columns * dim);
  const weights = new Float64Array(batch * columns);
  models.forEach((model, b) => {
    const constant = constants[b] ?? constants[0]!;
    vectors.set(model.vectors.data, b * columns * dim);
    vectors.set(constant.vectors.data, (b * columns + width) * dim);
    weights.set(model.weights, b * columns);
    weights.set(constant.weights, b * columns + width);
  });
  return {
    scope,
    views,
    view,
    fixed,
    batch,
    width,
    columns,
    vectors: scope.array('vectors', vectors),
    weights: scope.array('weights', weights),
    contraction: scope.array('contraction', batch * columns * dim),
    strengths: scope.array('strengths', batch * columns),
    rates: scope.array('rates', batch),
    squares: scope.array('squared residuals', batch),
    trace: scope.array('trace', 2 + traceSlots),
    errorSamples: { count: 0, fresh: [] },
    content: openContent(scope, view, batch),
  };
}

/** The fixed components, then those that the target is given by, negated; unit vectors. */
function constantRows(view: SymmetricView, fixed: SymmetricKruskal | undefined): SymmetricKruskal {
  const held = fixed ? normalize(fixed) : noComponents(view);
  return view.components ? joined(held, negated(view.components)) : held;
}

function negated(components: SymmetricKruskal): SymmetricKruskal {
  const unit = normalize(components);
  return { ...unit, weights: unit.weights.map((weight) => -weight) };
}

function openContent(scope: Scope, { packed, samples }: SymmetricView, batch: number): Content {
  if (packed) return { kind: 'packed', tensor: scope.array('packed tensor', packed.data) };
  if (!samples) return { kind: 'none' };
  if (batch > 1) throw new BackendError(`moments: expected one start at a time, got ${batch}. Give starts: 1.`);
  return { kind: 'samples', chunks: sampleChunks(scope, samples), cumulant: samples.cumulant };
}

/** Samples an array takes: 64 MiB in float32. */
const chunkEntries = 2 ** 24;

function sampleChunks(scope: Scope, { samples, weights, dim }: MomentsTarget) {
  const rows = Math.max(1, Math.floor(chunkEntries / dim));
  const chunks = [];
  for (let first = 0; first < samples.rows; first += rows) {
    const end = Math.min(first + rows, samples.rows);
    chunks.push({
      vectors: scope.array(`samples from ${first}`, samples.data.subarray(first * dim, end * dim)),
      weights: scope.array(
        `sample weights from ${first}`,
        weights.subarray(first, end).map((weight) => -weight),
      ),
    });
  }
  return chunks;
}

/** Records the residual's contraction with the model's rows, or with all rows of the stack; gives back how many. */
export function contractStack(stack: SymmetricStack, rows: 'model' | 'all'): number {
  const { vectors, columns, width, view } = stack;
  const count = rows === 'all' ? columns : width;
  contractResidual(stack, vectors, count, columns * view.dim);
  return count;
}

/** The same with other queries, `[batch, rows, dim]`. */
export function contractResidual(stack: SymmetricStack, queries: DeviceArray, rows: number, queryStride: number): void {
  const { scope, view, batch, columns, vectors, weights, contraction, strengths, content } = stack;
  const { order, dim } = view;
  const queried = { order, batch, rows, dim, queries, queryStride, contraction, strengths };
  scope.contractFactored({ ...queried, columns, vectors, weights });
  if (content.kind === 'packed') {
    scope.contractSymmetric({ ...queried, tensor: content.tensor, scale: -1, accumulate: true });
  } else if (content.kind === 'samples') {
    for (const chunk of content.chunks) {
      scope.contractFactored({ ...queried, ...chunk, columns: chunk.weights.length, accumulate: true });
    }
    if (content.cumulant) scope.subtractGaussian({ ...queried, scale: -1 });
  }
}

/** Records the residual after `contractStack(stack, 'all')`; where it is within the tolerance the run stops there. */
export function traceStack({ scope, ...stack }: SymmetricStack, tolerance: number): void {
  const { batch, columns, contraction, squares, rates, trace, view } = stack;
  scope.sumOfSquares({ batch, length: columns * view.dim, values: contraction, out: squares });
  scope.traceResidual({
    batch,
    factor: 1 / (view.norm || 1),
    tolerance,
    squares,
    rates,
    trace,
    slots: trace.length - 2,
  });
}

/** Steps after which the run stopped itself, if it has. Reads the ring: a few scalars, whatever the size of the problem. */
export async function stoppedStep({ scope, trace, errorSamples }: SymmetricStack): Promise<number | undefined> {
  const seen = await scope.read(trace);
  const count = seen[0]!;
  const stopped = seen[1]!;
  for (; errorSamples.count < count; errorSamples.count++)
    errorSamples.fresh.push(seen[2 + (errorSamples.count % (seen.length - 2))]!);
  return stopped === 1 ? count * traceEvery : undefined;
}

/** Lets a run that stopped itself after `step` steps go on, with these rates. */
export function resumeStack(
  { scope, trace, rates, errorSamples }: SymmetricStack,
  step: number,
  rateOf: Float64Array,
): void {
  const header = new Float64Array(trace.length);
  // The sample that stopped it comes again, before the step that did not happen.
  header[0] = step / traceEvery - 1;
  errorSamples.count = header[0];
  scope.write(trace, header);
  scope.write(rates, rateOf);
}

/** The best of the models, without fixed components, and the relative errors of all. */
export async function observeStack(stack: SymmetricStack): Promise<Observed & { readonly kruskal: SymmetricKruskal }> {
  const { models, startErrors } = await readStack(stack);
  const best = smallest(startErrors);
  return { startErrors, best, kruskal: models[best]!, residuals: stack.errorSamples.fresh.splice(0) };
}

/** The models of all starts, without fixed components, and their relative errors. */
export async function readStack(stack: SymmetricStack): Promise<{ models: SymmetricKruskal[]; startErrors: number[] }> {
  const { scope, batch, columns, width, view } = stack;
  const { order, dim } = view;
  const vectors = await scope.read(stack.vectors);
  const weights = await scope.read(stack.weights);
  const models = Array.from({ length: batch }, (_, b): SymmetricKruskal => {
    const data = vectors.slice(b * columns * dim, (b * columns + width) * dim);
    return {
      order,
      weights: weights.slice(b * columns, b * columns + width),
      vectors: { rows: width, columns: dim, data },
    };
  });
  return { models, startErrors: await stackErrors(stack, models) };
}

const viewOfStart = ({ views, view }: SymmetricStack, start: number): SymmetricView => views[start] ?? view;

/** In float64 on the host where that is quick; else from the backend's contraction, where its float32 sum can be trusted. */
async function stackErrors(stack: SymmetricStack, models: readonly SymmetricKruskal[]): Promise<number[]> {
  const { batch, columns, view, fixed } = stack;
  const onHost = (model: SymmetricKruskal, b: number): number =>
    viewOfStart(stack, b).quickError(fixed ? joined(model, fixed) : model);
  if (batch * view.workOf(columns) <= hostWork) return models.map(onHost);
  const estimates = await estimatedErrors(stack);
  return models.map((model, b) => (estimates[b]! > trusted ? estimates[b]! : onHost(model, b)));
}

/**
 * ‖E‖² from contractions alone, M the stack: Σ_b ω_b E(v_b, …) where the target is part of it, else 2⟨M, E⟩ − ‖M‖² + ‖T*‖².
 * Both cancel: blind below 5e-4 in float32. NaN or infinite where the run is.
 */
export async function estimatedErrors(stack: SymmetricStack): Promise<number[]> {
  const { scope, batch, columns, view, content, vectors, weights, contraction, strengths } = stack;
  const { order, dim } = view;
  contractStack(stack, 'all');
  const omega = await scope.read(weights);
  const residual = await scope.read(strengths);
  let own: Float64Array | undefined;
  if (content.kind !== 'none') {
    const sizes = { order, batch, rows: columns, columns, dim, queryStride: columns * dim };
    scope.contractFactored({ ...sizes, queries: vectors, vectors, weights, contraction, strengths });
    own = await scope.read(strengths);
  }
  return Array.from({ length: batch }, (_, b) => {
    let square = own ? view.norm ** 2 : 0;
    for (let k = b * columns; k < (b + 1) * columns; k++) {
      square += omega[k]! * (own ? 2 * residual[k]! - own[k]! : residual[k]!);
    }
    return Number.isNaN(square) ? NaN : Math.sqrt(Math.max(0, square)) / viewOfStart(stack, b).norm;
  });
}

/** a + b */
export function joined(a: SymmetricKruskal, b: SymmetricKruskal): SymmetricKruskal {
  const data = new Float64Array(a.vectors.data.length + b.vectors.data.length);
  data.set(a.vectors.data);
  data.set(b.vectors.data, a.vectors.data.length);
  return {
    order: a.order,
    weights: Float64Array.of(...a.weights, ...b.weights),
    vectors: { rows: a.vectors.rows + b.vectors.rows, columns: a.vectors.columns, data },
  };
}
