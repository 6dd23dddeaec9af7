// Component norms over the steps: one line a component. While the run goes on all lines are alike; at its end each takes
// the color of the true component it has found, or fades when it found none.
import type { Progress } from '../../src/index.js';
import { owners } from '../comparison.js';
import type { Outcome } from '../messages.js';
import { Curves } from './curves.js';
import { color, componentColor } from './theme.js';

export class NormsPlot {
  readonly #curves: Curves;
  /** Index of the true component of each line; −1: none; undefined: not known yet. */
  #owners: (number | undefined)[] = [];
  #last: readonly number[] = [];

  constructor(host: HTMLElement, readout: HTMLElement) {
    this.#curves = new Curves(host, readout, {
      logarithmic: false,
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
    this.#curves.reset(lines, guides);
    this.#curves.describeForReaders('Component norms: no step done yet.');
  }

  add(reports: readonly Progress[]): void {
    for (const { step, componentNorms } of reports) this.#curves.append(step, componentNorms);
    this.#last = reports.at(-1)?.componentNorms ?? this.#last;
    this.#curves.redraw();
  }

  finish({ cosines, weights }: Outcome): void {
    const known = owners(cosines, weights.length);
    // Reports keep the order of the start, the result is sorted by weight: the k-th largest line is component k.
    const bySize = this.#last.map((_, k) => k).sort((a, b) => this.#last[b]! - this.#last[a]!);
    bySize.forEach((line, place) => (this.#owners[line] = known[place]));
    this.#curves.finish();
    this.describe();
  }

  /** Tells a screen reader what the lines show now. */
  describe(): void {
    const largest = [...this.#last].sort((a, b) => b - a).slice(0, 8);
    this.#curves.describeForReaders(
      `Component norms. The largest now: ${largest.map((norm) => norm.toFixed(2)).join(', ')}.`,
    );
  }

  #lineColor(line: number): string {
    const owner = this.#owners[line];
    if (owner === undefined) return color('--line');
    return owner < 0 ? color('--faint-line') : componentColor(owner);
  }
}
