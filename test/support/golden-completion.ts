// The golden completion problems of test/data/golden (fields: README.md there), as observed targets and stacked factors.
import order3 from '../data/golden/completion_4x5x6_R5_s2001.json';
import order4 from '../data/golden/completion_4x3x5x4_R6_s2002.json';
import cube from '../data/golden/completion_8x8x8_R12_s2003.json';
import { observed, type ObservedTarget } from '../../src/targets/observed.js';

export interface CompletionGolden {
  readonly name: string;
  readonly target: ObservedTarget;
  readonly rank: number;
  /** The factors of all modes stacked, [rows, rank]. */
  readonly factors: Float64Array;
  readonly predictions: readonly number[];
  readonly losses: Readonly<Record<'l2' | 'l1' | 'huber', GoldenLoss>>;
  readonly gradientDescent: GoldenTrajectory;
  readonly groupRmsprop: GoldenTrajectory & { readonly alpha: number; readonly epsilon: number };
}

/** Twenty steps from `factors` with the loss l2. */
export interface GoldenTrajectory {
  readonly rate: number;
  /** Before every step, and after the last. */
  readonly losses: readonly number[];
  /** ‖component‖ of the twentieth step's model. */
  readonly finalNorms: readonly number[];
}

export interface GoldenLoss {
  readonly parameter: number;
  readonly mean: number;
  readonly derivative: readonly number[];
  /** Stacked, [rows, rank]. */
  readonly gradient: Float64Array;
}

type CompletionFile = typeof order3;

const goldenLoss = (loss: CompletionFile['l2'], parameter = 0): GoldenLoss => ({
  parameter,
  mean: loss.loss,
  derivative: loss.dloss_dpred,
  gradient: stacked(loss.grad),
});

const trajectory = ({ lr, loss, final_component_norms }: CompletionFile['traj_l2_gd']): GoldenTrajectory => ({
  rate: lr,
  losses: loss,
  finalNorms: final_component_norms,
});

const golden = (file: CompletionFile): CompletionGolden => ({
  name: `shape ${file.dims.join(' × ')}, rank ${file.R}`,
  target: observed(file.dims, file.indices.flat(), file.targets),
  rank: file.R,
  factors: stacked(file.factors),
  predictions: file.predictions,
  losses: { l2: goldenLoss(file.l2), l1: goldenLoss(file.l1), huber: goldenLoss(file.huber, file.huber.beta) },
  gradientDescent: trajectory(file.traj_l2_gd),
  groupRmsprop: {
    ...trajectory(file.traj_l2_group_rmsprop),
    alpha: file.traj_l2_group_rmsprop.alpha,
    epsilon: file.traj_l2_group_rmsprop.eps,
  },
});

const stacked = (factors: readonly (readonly (readonly number[])[])[]): Float64Array =>
  Float64Array.from(factors.flat(2));

export const completionGolden: readonly CompletionGolden[] = [order3, order4, cube].map(golden);
