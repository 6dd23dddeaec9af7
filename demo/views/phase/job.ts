// Phase diagram in the worker: one cell per report, each a batch of runs on problems of its own.
import { decomposeBatch, DeviceLostError, factored } from '../../../src/index.js';
import { plantedSymmetric } from '../../../src/problems/index.js';
import type { Tools } from '../../worker/protocol.js';
import { dims, widths, type Settings } from './settings.js';

export interface Cell {
  readonly dim: number;
  readonly width: number;
  readonly successes: number;
  readonly runs: number;
  /** Median over the runs that succeeded; undefined where none did. */
  readonly steps: number | undefined;
  readonly milliseconds: number;
}

/** Rows in ascending order of the dimension, each from few components to many; undefined for a cell the page has already. */
export async function* phase(settings: Settings, tools: Tools): AsyncGenerator<Cell | undefined, undefined> {
  const backend = await tools.open(settings.backend);
  const places = dims(settings).flatMap((dim) => widths(settings).map((width) => ({ dim, width })));
  for (const [index, { dim, width }] of places.entries()) {
    if (index < tools.skip) {
      yield undefined;
      continue;
    }
    const { runs, seed, tolerance, maxSteps } = settings;
    const begun = performance.now();
    const outcomes = await decomposeBatch(problems(settings, dim), {
      width,
      tolerance,
      maxSteps,
      backend,
      signal: tools.signal,
      seeds: Array.from({ length: runs }, (_, b) => seed + b),
    });
    if (outcomes.some(({ stop }) => stop === 'deviceLost')) throw new DeviceLostError('The GPU was lost.');
    const ended = outcomes.filter(({ converged }) => converged);
    const steps = ended.map((outcome) => outcome.steps).sort((a, b) => a - b)[Math.floor((ended.length - 1) / 2)];
    yield { dim, width, successes: ended.length, runs, steps, milliseconds: performance.now() - begun };
  }
  return undefined;
}

const problems = ({ order, rank, runs, problemSeed }: Settings, dim: number) =>
  Array.from({ length: runs }, (_, b) => {
    const { truth } = plantedSymmetric({ order, dim, rank, seed: problemSeed + b });
    return factored({ order, dim, weights: truth.weights, vectors: truth.vectors });
  });
