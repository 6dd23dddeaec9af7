// Correlation with the truth over the steps: for every true direction v_r the largest |⟨u, v_r⟩| of all component directions u.
import { Curves } from '../../../plots/curves.js';
import { componentColor } from '../../../plots/theme.js';
import type { State } from '../job.js';

/** Beside the color: every line its own dashes. */
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [14, 4], [6, 2, 1, 2], [1, 4]];

export class CorrelationPlot {
  readonly curves: Curves;

  constructor(host: HTMLElement, readout: HTMLElement, sync: string) {
    this.curves = new Curves(host, readout, {
      logarithmic: false,
      top: 1.04,
      sync,
      describe: (step, values, near) =>
        `step ${step.toLocaleString('en')} · true ${near + 1}: |cosine| ${(values[near] ?? 0).toFixed(3)}`,
    });
  }

  reset(rank: number): void {
    this.curves.reset(
      Array.from({ length: rank }, (_, t) => ({
        label: `true ${t + 1}`,
        color: () => componentColor(t),
        width: 1.75,
        dash: dashes[t % dashes.length] ?? [],
      })),
      [],
    );
    this.curves.describeForReaders('Correlation with the truth: no step done yet.');
  }

  add({ step, model }: State): void {
    this.curves.append(step, model.cosines.map(largest));
  }

  describe({ step, model }: State): void {
    const list = model.cosines.map((row, t) => `${t + 1}: ${largest(row).toFixed(2)}`);
    this.curves.describeForReaders(`Correlation with the true parts at step ${step}: ${list.join(', ')}.`);
  }
}

const largest = (row: readonly number[]): number => row.reduce((max, value) => Math.max(max, value), 0);
