// A deflation flow under error control: the state y = [ρ; w̄] in float64 on the host, its slope from contractions on the backend,
//   dρ_i/dt = −(2 a_i s_i/σ + λ),   dw̄_i/dt = −l a_i (A_i − s_i w̄_i)/σ,   σ = ‖T*‖,
// every stage put back on the unit spheres. Half-times come from the cubic between the ends of a step. Driven by deflation.ts.
import {
  fittedShares,
  sampleComponents,
  type ComponentSample,
  type HiddenComponents,
} from '../../analysis/arrivals.js';
import { crossing } from '../../integrators/dense-output.js';
import { heun } from '../../integrators/heun.js';
import {
  controlledStep,
  pointAt,
  type Method,
  type Point,
  type Step,
  type System,
} from '../../integrators/integrator.js';
import { rk23 } from '../../integrators/rk23.js';
import { placeModel, weightsOf, type Components, type DeflationPlan, type Motion } from './motion.js';
import { contractStack, type SymmetricStack } from '../symmetric-stack.js';

const methods: Record<'heun' | 'rk23', Method> = { heun, rk23 };

/** One start, from a stack that holds its components. */
export async function openControlledMotion(
  stack: SymmetricStack,
  plan: DeflationPlan,
  integrator: 'heun' | 'rk23',
  components: Components,
): Promise<Motion> {
  const { width, view } = stack;
  const { order, dim } = view;
  let signs = components.signs;
  let evaluations = 0;
  const system: System = {
    slope: (state) => {
      evaluations++;
      return slopeOf(stack, plan, componentsIn(state));
    },
    retract: (state) => toUnitRows(state.subarray(width), dim),
  };
  const control = { tolerance: plan.integratorTolerance, largest: plan.largestStep };
  let point = await pointAt(system, 0, stateOf(components));
  let size = plan.timeStep;
  /** Where it began, or began anew, and the steps since the last look. */
  let begun: Point | undefined = point;
  const steps: Step[] = [];
  /** The steps that the last look was at. */
  let looked: readonly Step[] = [];

  function componentsIn(state: Float64Array): Components {
    return { logNorms: state.slice(0, width), directions: state.slice(width), signs };
  }

  function sampleAt(time: number, state: Float64Array, hidden: HiddenComponents): ComponentSample {
    const { directions, ...others } = componentsIn(state);
    return sampleComponents(time, weightsOf(others), directions, hidden.directions);
  }

  return {
    stack,
    get time() {
      return point.time;
    },
    get evaluations() {
      return evaluations;
    },
    async advance(until) {
      const left = until - point.time;
      const step = await controlledStep(system, methods[integrator], point, Math.min(size, left), control);
      steps.push(step);
      // A step cut short at the end of an epoch says little about the next one.
      size = step.size < size && size > left ? size : step.size;
      point = step.to;
    },
    read: () => Promise.resolve(componentsIn(point.state)),
    async replace(next) {
      signs = next.signs;
      point = await pointAt(system, point.time, stateOf(next));
      size = plan.timeStep;
    },
    recent([hidden]) {
      looked = steps.splice(0);
      if (!hidden) return Promise.resolve([]);
      const points = [...(begun ? [begun] : []), ...looked.map(({ to }) => to)];
      begun = undefined;
      return Promise.resolve([points.map(({ time, state }) => sampleAt(time, state, hidden))]);
    },
    halfTime: (hidden) => (k, before, after) => {
      const step = looked.find(({ to }) => to.time === after.time);
      if (!step) return before.time;
      return crossing(system, step, (state) => fittedShares(sampleAt(0, state, hidden), hidden, order)[k]! - 0.5);
    },
  };
}

function stateOf({ logNorms, directions }: Components): Float64Array {
  const state = new Float64Array(logNorms.length + directions.length);
  state.set(logNorms);
  state.set(directions, logNorms.length);
  return state;
}

/** The slope of [ρ; w̄]; leaves the model on the backend. */
async function slopeOf(stack: SymmetricStack, plan: DeflationPlan, components: Components): Promise<Float64Array> {
  const { scope, width, view } = stack;
  const { order, dim } = view;
  const { signs, directions } = components;
  await placeModel(stack, components);
  contractStack(stack, 'model');
  const contraction = await scope.read(stack.contraction);
  const strengths = await scope.read(stack.strengths);
  const slope = new Float64Array(width * (1 + dim));
  for (let i = 0; i < width; i++) {
    const a = signs[i]! / plan.norm;
    const s = strengths[i]!;
    slope[i] = -(2 * a * s + plan.regularization);
    for (let k = i * dim; k < (i + 1) * dim; k++) {
      slope[width + k] = -order * a * (contraction[k]! - s * directions[k]!);
    }
  }
  return slope;
}

function toUnitRows(rows: Float64Array, dim: number): void {
  for (let at = 0; at < rows.length; at += dim) {
    let square = 0;
    for (let k = at; k < at + dim; k++) square += rows[k]! * rows[k]!;
    const scale = 1 / Math.sqrt(square);
    for (let k = at; k < at + dim; k++) rows[k]! *= scale;
  }
}
