// The least-squares problems that the engine's tests run over: the three polishes' own, and a linear one with an exact answer.
import { factoredView } from '../../src/handles/views/factored-view.js';
import { constrained } from '../../src/compaction/constrained.js';
import { cpProblem } from '../../src/compaction/cp-problem.js';
import { compress } from '../../src/compression/compress.js';
import { sampledProblem } from '../../src/compaction/cp/sampled-problem.js';
import { sampledView } from '../../src/handles/views/sampled-view.js';
import { symmetricProblem } from '../../src/compaction/symmetric-problem.js';
import type { LeastSquaresProblem } from '../../src/least-squares/gauss-newton.js';
import { devianceScale } from '../../src/losses/deviance.js';
import type { LossName } from '../../src/losses/losses.js';
import { plantedCp, plantedObserved, plantedSymmetric } from '../../src/problems/index.js';
import { compressedProblem } from '../../src/rank-choice/compressed-tensor.js';
import { randomStream } from '../../src/random/stream.js';
import { finished } from '../../src/yield.js';

export const random = (length: number, seed: number): Float64Array =>
  randomStream(seed).fillNormal(new Float64Array(length));

export interface ProblemCase {
  /** A new one for each call: problems have memory. */
  readonly problem: () => LeastSquaresProblem;
  /** What the gradient is that of, where that is not the objective. */
  readonly ofObjective: (objective: number) => number;
  /** The first of the unknowns are bounded, so many; all where it is left out. */
  readonly bounded?: number;
}

const shape = [4, 3, 3];
const { tensor } = plantedCp({ shape, rank: 2, seed: 3, noise: 0.1 });
const known = Uint8Array.from(tensor.data, (_, cell) => (cell % 3 === 1 ? 0 : 1));
const { truth: symmetric } = plantedSymmetric({ order: 3, dim: 4, rank: 3, seed: 2 });
const { target: entries } = plantedObserved({ shape, rank: 2, share: 0.7, seed: 5 });
const precision = { iterations: 400, cgTolerance: 1e-12 };
const symmetricNorm = factoredView(symmetric).norm;

function sampled(
  loss: LossName,
  options: { penalty?: number; nonnegative?: boolean; limit?: number } = {},
): ProblemCase {
  const { penalty = 0, nonnegative = false, limit = Infinity } = options;
  const parameter = 0.5;
  const scale = devianceScale(loss, parameter, entries.values);
  const settings = { loss, parameter, nonnegative, penalty, scale };
  return {
    problem: () => sampledProblem(sampledView(entries), 2, settings, limit),
    ofObjective: (mean) => mean * entries.count,
  };
}

const halfSquare = (error: number): number => 0.5 * error ** 2;

/** The problems of the polishes. */
export const cases: Record<string, ProblemCase> = {
  'dense CP': { problem: () => cpProblem(tensor, 2, { precision }), ofObjective: halfSquare },
  'dense CP with missing cells': {
    problem: () => cpProblem({ ...tensor, known }, 2, { precision }),
    ofObjective: halfSquare,
  },
  'dense CP, two modes nonnegative, one fixed': {
    problem: () => constrained(cpProblem(tensor, 2, { precision }), shape, 2, { nonnegative: [0, 1], fixed: [2] }),
    ofObjective: halfSquare,
    bounded: 2 * (shape[0]! + shape[1]!),
  },
  'dense CP with missing cells, nonnegative': {
    problem: () =>
      constrained(cpProblem({ ...tensor, known }, 2, { precision }), shape, 2, { nonnegative: [0, 1, 2], fixed: [] }),
    ofObjective: halfSquare,
  },
  'CP of a compressed tensor': {
    problem: () => compressedProblem(finished(compress(tensor)), 2),
    ofObjective: halfSquare,
  },
  'symmetric, formed': {
    problem: () => symmetricProblem(factoredView(symmetric), Float64Array.of(1, -1)),
    ofObjective: (error) => halfSquare(error * symmetricNorm),
  },
  'symmetric, by products': {
    problem: () => symmetricProblem(factoredView(symmetric), Float64Array.of(1, -1), 0),
    ofObjective: (error) => halfSquare(error * symmetricNorm),
  },
  'entries, l2, formed': sampled('l2'),
  'entries, l2, by products': sampled('l2', { limit: 0 }),
  'entries, Huber, with a penalty': sampled('huber', { penalty: 0.1, limit: 0 }),
  'entries, nonnegative': sampled('l2', { nonnegative: true }),
  'entries, nonnegative, by products': sampled('l2', { nonnegative: true, limit: 0 }),
};

/** min ½ ‖A x − b‖², A [rows, unknowns]; `limit` as in the polishes. */
export function linearProblem(a: Float64Array, b: Float64Array, unknowns: number, limit: number): LeastSquaresProblem {
  const rows = b.length;
  const residual = new Float64Array(rows);
  const times = (v: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let n = 0; n < unknowns; n++) sum += a[i * unknowns + n]! * v[n]!;
      out[i] = sum;
    }
  };
  const transposed = (values: Float64Array, out: Float64Array): void => {
    out.fill(0);
    for (let i = 0; i < rows; i++) for (let n = 0; n < unknowns; n++) out[n]! += values[i]! * a[i * unknowns + n]!;
  };
  const image = new Float64Array(rows);
  return {
    unknowns,
    objective(x) {
      times(x, residual);
      for (let i = 0; i < rows; i++) residual[i]! -= b[i]!;
      return halfSquare(Math.hypot(...residual));
    },
    linearize: (_, gradient) => transposed(residual, gradient),
    meanDiagonal: () => a.reduce((sum, value) => sum + value * value, 0) / unknowns,
    apply(v, out) {
      times(v, image);
      transposed(image, out);
    },
    form:
      unknowns > limit
        ? undefined
        : (matrix) => {
            for (let n = 0; n < unknowns; n++) {
              for (let m = 0; m <= n; m++) {
                let sum = 0;
                for (let i = 0; i < rows; i++) sum += a[i * unknowns + n]! * a[i * unknowns + m]!;
                matrix[n * unknowns + m] = sum;
              }
            }
          },
  };
}
