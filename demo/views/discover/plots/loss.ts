// The loss over the steps as a share of its first value, ‖model − tensor‖² / ‖tensor‖²: where components come one by one it is a
// staircase, and every arrival of a true component is marked.
import { Curves } from '../../../plots/curves.js';
import { color, componentColor } from '../../../plots/theme.js';
import type { State } from '../job.js';

export interface ArrivalMark {
  /** The true component, from 0, and the step at which half of it was there. */
  readonly component: number;
  readonly step: number;
}

export class LossPlot {
  readonly curves: Curves;

  constructor(host: HTMLElement, readout: HTMLElement, sync: string) {
    this.curves = new Curves(host, readout, {
      logarithmic: false,
      sync,
      describe: (step, [loss]) => `step ${step.toLocaleString('en')} · loss ${(100 * (loss ?? 0)).toFixed(2)} %`,
    });
  }

  reset(): void {
    this.curves.reset([{ label: 'loss', color: () => color('--accent'), width: 2 }], []);
    this.curves.describeForReaders('Loss: no step done yet.');
  }

  add({ step, relativeError }: State): void {
    this.curves.append(step, [relativeError ** 2]);
  }

  set arrivals(arrivals: readonly ArrivalMark[]) {
    this.curves.marks = arrivals.map(({ component, step }) => ({
      at: step,
      label: String(component + 1),
      color: () => componentColor(component),
    }));
  }

  describe({ relativeError, step }: State, arrivals: readonly ArrivalMark[]): void {
    const list = arrivals.map((arrival) => `${arrival.component + 1} at step ${Math.round(arrival.step)}`);
    const arrived = list.length > 0 ? ` Arrived: ${list.join(', ')}.` : ' Nothing has arrived yet.';
    this.curves.describeForReaders(`Loss at step ${step}: ${(100 * relativeError ** 2).toFixed(2)} percent.${arrived}`);
  }
}
