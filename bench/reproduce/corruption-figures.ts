// Figure of corrupted completion: the reconstruction error along the runs of each loss.
import type { LossName } from '../../src/index.js';
import type { CorruptionCell } from './corruption-cells.js';
import { colors, type FigureSpec, type Position } from './figure.js';

const names: Partial<Record<LossName, string>> = { l2: 'squares', huber: 'Huber', l1: 'absolute values' };

export function corruptionFigure(cells: readonly CorruptionCell[]): FigureSpec {
  const values = cells.flatMap(({ loss, runs }) =>
    runs.flatMap(({ seed, history }) =>
      history.map(({ step, reconstruction }) => ({ loss: names[loss], seed, step, error: reconstruction })),
    ),
  );
  const chosen = cells.flatMap(({ loss, runs }) =>
    runs.map((run) => ({ loss: names[loss], seed: run.seed, step: run.chosenStep, error: run.chosen })),
  );
  const x = { field: 'step', type: 'quantitative', title: 'step' } as const satisfies Position;
  const y = {
    field: 'error',
    type: 'quantitative',
    title: '‖W − W*‖ / ‖W*‖',
    scale: { type: 'log' },
    axis: { format: '~g', tickCount: 6 },
  } as const satisfies Position;
  const color = {
    field: 'loss',
    type: 'nominal',
    title: null,
    scale: { domain: Object.values(names), range: [colors.orange, colors.blue, colors.purple] },
  } as const;
  return {
    title: {
      text: 'A tenth of the entries is grossly wrong: squares come to fit them, robust losses do not',
      subtitle: 'one line per init; points: the state that a robust score of held-out entries chooses',
    },
    width: 480,
    height: 280,
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.4, opacity: 0.8 },
        encoding: { x, y, color, detail: { field: 'seed' } },
      },
      {
        data: { values: chosen },
        mark: { type: 'point', filled: true, size: 50, opacity: 1 },
        encoding: { x, y, color },
      },
    ],
  };
}
