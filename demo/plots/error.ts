// The relative error over the steps, on a logarithmic axis; with several starts a thin line for each of them.
import type { Progress } from '../../src/index.js';
import { formatNumber } from '../format.js';
import { Curves } from './curves.js';
import { color } from './theme.js';

export class ErrorPlot {
  readonly #curves: Curves;
  #starts = 1;
  #last: Progress | undefined;

  constructor(host: HTMLElement, readout: HTMLElement) {
    this.#curves = new Curves(host, readout, {
      logarithmic: true,
      describe: (step, values) =>
        `step ${step.toLocaleString('en')} · relative error ${formatNumber(values.at(-1) ?? 0)}`,
    });
  }

  /** `tolerance` is drawn where it is a relative error. */
  reset(starts: number, tolerance: number | undefined): void {
    this.#starts = starts > 1 ? starts : 0;
    this.#last = undefined;
    const others = Array.from({ length: this.#starts }, (_, k) => ({
      label: `start ${k + 1}`,
      color: () => color('--faint-line'),
      width: 1,
    }));
    const best = { label: 'relative error', color: () => color('--accent'), width: 2 };
    const guides = tolerance ? [{ value: tolerance, label: 'tolerance', color: () => color('--muted') }] : [];
    this.#curves.reset([...others, best], guides);
    this.#curves.describeForReaders('Relative error: no step done yet.');
  }

  add(reports: readonly Progress[]): void {
    for (const { step, relativeError, startErrors } of reports) {
      const others = Array.from({ length: this.#starts }, (_, k) =>
        startErrors.length > 1 ? (startErrors[k] ?? null) : null,
      );
      this.#curves.append(step, [...others, relativeError]);
    }
    this.#last = reports.at(-1) ?? this.#last;
    this.#curves.redraw();
  }

  finish(): void {
    this.#curves.finish();
    this.describe();
  }

  /** Tells a screen reader what the line shows now. */
  describe(): void {
    if (!this.#last) return;
    const { step, relativeError } = this.#last;
    this.#curves.describeForReaders(`Relative error, now ${formatNumber(relativeError)} at step ${step}.`);
  }
}
