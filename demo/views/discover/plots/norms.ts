// Component norms over the steps: one line per component. During the run all lines look the same; at its end each takes
// the color of the true component it has found, or fades when it found none.
import { Curves } from '../../../plots/curves.js';
import { color, componentColor } from '../../../plots/theme.js';
import type { State } from '../job.js';

export class NormsPlot {
  readonly curves: Curves;
  /** Index of the true component of each line; −1: none; undefined: not known yet. */
  #owners: (number | undefined)[] = [];

  constructor(host: HTMLElement, readout: HTMLElement, sync: string) {
    this.curves = new Curves(host, readout, {
      logarithmic: false,
      sync,
      describe: (step, values, near) => {
        const owner = this.#owners[near] ?? -1;
        const whose = owner < 0 ? '' : ` (along true ${owner + 1})`;
        return `step ${step.toLocaleString('en')} · component ${near + 1}${whose}: ${(values[near] ?? 0).toFixed(3)}`;
      },
    });
  }

  reset(count: number, truthWeights: readonly number[]): void {
    this.#owners = new Array<undefined>(count).fill(undefined);
    const lines = Array.from({ length: count }, (_, k) => ({
      label: `component ${k + 1}`,
      color: () => this.#lineColor(k),
      width: 1.75,
    }));
    const guides = truthWeights.map((weight, t) => ({
      value: Math.abs(weight),
      label: '',
      color: () => componentColor(t),
    }));
    this.curves.reset(lines, guides);
    this.curves.describeForReaders('Component norms: no step done yet.');
  }

  add({ step, componentNorms }: State): void {
    this.curves.append(step, componentNorms);
  }

  /** For each line, the true component it points along, or −1. */
  showOwners(lineOwners: readonly number[]): void {
    this.#owners = [...lineOwners];
  }

  /** Tells a screen reader what the lines show at this state. */
  describe({ componentNorms, step }: State): void {
    const largest = [...componentNorms].sort((a, b) => b - a).slice(0, 8);
    this.curves.describeForReaders(
      `Component norms at step ${step}. The largest: ${largest.map((norm) => norm.toFixed(2)).join(', ')}.`,
    );
  }

  #lineColor(line: number): string {
    const owner = this.#owners[line];
    if (owner === undefined) return color('--line');
    return owner < 0 ? color('--faint-line') : componentColor(owner);
  }
}
