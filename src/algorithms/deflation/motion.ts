// How the components of a deflation flow move: the state between two steps, and Euler's method with fixed steps on the backend,
//   ρ_i ← ρ_i − h (2 a_i s_i/σ + λ),   w̄_i ← normalize(w̄_i − h l a_i (A_i − s_i w̄_i)/σ),   σ = ‖T*‖,
// three dispatches a step: contraction, update, and a record of weights and nearest hidden directions, so that the host knows every
// step though it looks at few. The same under error control is in controlled.ts; both are driven by deflation.ts.
import {
  sampleComponents,
  type ComponentSample,
  type HalfTime,
  type HiddenComponents,
} from '../../analysis/arrivals.js';
import { contractStack, type SymmetricStack } from '../symmetric-stack.js';

/** The settings of a flow, in units of a target of norm 1. */
export interface DeflationPlan {
  /** σ: norm of the target. */
  readonly norm: number;
  readonly timeStep: number;
  /** No step under error control is longer: none would be stable at fitted components. */
  readonly largestStep: number;
  readonly epochTime: number;
  readonly epochs: number;
  /** λ */
  readonly regularization: number;
  readonly integratorTolerance: number;
}

/** The components of all starts. */
export interface Components {
  /** ρ_i and a_i, `[batch, width]` */
  readonly logNorms: Float64Array;
  readonly signs: Float64Array;
  /** Unit rows w̄_i, `[batch, width, dim]` */
  readonly directions: Float64Array;
}

export interface Motion {
  /** The model's weights and vectors, where the backend has them. */
  readonly stack: SymmetricStack;
  /** Flow time since the start. */
  readonly time: number;
  /** Evaluations of the residual's contraction. */
  readonly evaluations: number;
  /** One step, not beyond `until`. */
  advance(until: number): void | Promise<void>;
  read(): Promise<Components>;
  /** Puts other components in their place. */
  replace(components: Components): Promise<void>;
  /** What it went through since the last call, of every start, measured by its hidden directions; at most `samplesPerReport` + 1 steps are kept. */
  recent(hidden: readonly HiddenComponents[]): Promise<readonly (readonly ComponentSample[])[]>;
  /** Half-times between two samples, where they are known better than linearly. */
  halfTime?(hidden: HiddenComponents): HalfTime;
}

/** Steps between two observations. */
export const samplesPerReport = 10;
/** "Off" for the scalar-mode switch of the polar update, and for its cap on log norms; e^{2 · 40} is a float32. */
const noSwitch = -1e4;
const noCap = 40;

/** Weights a_i e^{2 ρ_i}. */
export const weightsOf = ({ logNorms, signs }: Pick<Components, 'logNorms' | 'signs'>): Float64Array =>
  logNorms.map((rho, i) => signs[i]! * Math.exp(2 * rho));

/** Puts the model into the first rows of the stack, of every start. */
export async function placeModel(stack: SymmetricStack, components: Components): Promise<void> {
  const { scope, batch, width, columns, view } = stack;
  const { dim } = view;
  const vectors = await scope.read(stack.vectors);
  const weights = await scope.read(stack.weights);
  const own = weightsOf(components);
  for (let b = 0; b < batch; b++) {
    vectors.set(components.directions.subarray(b * width * dim, (b + 1) * width * dim), b * columns * dim);
    weights.set(own.subarray(b * width, (b + 1) * width), b * columns);
  }
  scope.write(stack.vectors, vectors);
  scope.write(stack.weights, weights);
}

/** Fixed steps on the backend, from a stack that holds the components. `known`: the hidden directions where they are known from the start. */
export function openFixedMotion(
  stack: SymmetricStack,
  plan: DeflationPlan,
  components: Components,
  known: HiddenComponents | undefined,
): Motion {
  const { scope, batch, width: rows, columns, view } = stack;
  const { order, dim } = view;
  const slots = samplesPerReport + 1;
  const arrays = {
    signs: scope.array('signs', components.signs),
    logNorms: scope.array('log norms', components.logNorms),
    caps: scope.array('caps', new Float64Array(batch).fill(noCap)),
    history: scope.array('history', slots * batch * rows * 3),
    directions: scope.array('hidden directions', known?.directions.data ?? 1),
  };
  scope.write(stack.rates, new Float64Array(batch).fill(plan.timeStep / plan.norm));
  const rule = { radialFactor: 2, regularization: (plan.regularization * plan.norm) / 2, logModeSwitch: noSwitch };
  /** Times of the slots that are filled. */
  const times: number[] = [];
  let steps = 0;
  record();

  function record(): void {
    const { vectors, weights } = stack;
    const sizes = { batch, rows, columns, dim, known: known?.weights.length ?? 0, slot: times.length };
    scope.recordComponents({ ...sizes, ...arrays, vectors, weights });
    times.push(steps * plan.timeStep);
  }

  async function read(): Promise<Components> {
    const all = await scope.read(stack.vectors);
    const directions = new Float64Array(batch * rows * dim);
    for (let b = 0; b < batch; b++) {
      directions.set(all.subarray(b * columns * dim, (b * columns + rows) * dim), b * rows * dim);
    }
    return { directions, logNorms: await scope.read(arrays.logNorms), signs: await scope.read(arrays.signs) };
  }

  return {
    stack,
    get time() {
      return steps * plan.timeStep;
    },
    get evaluations() {
      return steps;
    },
    advance() {
      const contracted = contractStack(stack, 'model');
      scope.updatePolar({ ...stack, ...arrays, ...rule, order, rows, dim, contracted });
      steps++;
      record();
    },
    read,
    async replace(next) {
      await placeModel(stack, next);
      scope.write(arrays.signs, next.signs);
      scope.write(arrays.logNorms, next.logNorms);
    },
    async recent(hidden) {
      const history = await scope.read(arrays.history);
      const directions = known ? undefined : (await read()).directions;
      const filled = times.splice(0);
      return hidden.map(({ directions: z }, b) =>
        filled.map((time, slot) => {
          const of = (field: number): Float64Array =>
            Float64Array.from({ length: rows }, (_, i) => history[3 * ((slot * batch + b) * rows + i) + field]!);
          if (!directions) return { time, weights: of(0), correlations: of(1), nearest: of(2) };
          // Directions discovered on the way are those of components that have turned; they turn no more.
          return sampleComponents(time, of(0), directions.subarray(b * rows * dim, (b + 1) * rows * dim), z);
        }),
      );
    },
  };
}
