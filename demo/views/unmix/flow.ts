// The two curves of the flow: for every source the weight of the components that have found it, and its correlation with what they give.
import { Curves } from '../../plots/curves.js';
import { plotFigure } from '../../plots/figure.js';
import { componentColor } from '../../plots/theme.js';
import { formatCount } from '../../shell/format.js';
import type { Problem, State } from './job.js';

const sync = 'unmix';

export class Flow {
  readonly #weightsFigure = plotFigure(
    'Weight of what is found',
    'For every source the sum over the components that have found it, the strongest first. Dotted: its own weight, |excess kurtosis|.',
  );
  readonly #alikeFigure = plotFigure(
    'Correlation with the sources',
    'For every source the |correlation| with what is found so far. The flow does not see it.',
  );
  readonly elements = [this.#weightsFigure.element, this.#alikeFigure.element];
  readonly #weights = new Curves(this.#weightsFigure.plot, this.#weightsFigure.readout, {
    logarithmic: false,
    sync,
    describe: (step, values, near) => this.#describe(step, values, near),
  });
  readonly #alike = new Curves(this.#alikeFigure.plot, this.#alikeFigure.readout, {
    logarithmic: false,
    top: 1.08,
    sync,
    describe: (step, values, near) => this.#describe(step, values, near),
  });
  #names: readonly string[] = [];

  reset({ sources, kurtoses }: Problem): void {
    this.#names = sources.map(({ name }) => name);
    const lines = this.#names.map((label, k) => ({ label, color: () => componentColor(k), width: 2 }));
    const guides = kurtoses.map((value, k) => ({ value: Math.abs(value), label: '', color: () => componentColor(k) }));
    this.#weights.reset(lines, guides);
    this.#alike.reset(lines, []);
    this.#weights.describeForReaders('Weight of what is found: no step done yet.');
    this.#alike.describeForReaders('Correlation with the sources: no step done yet.');
  }

  add({ step, weights, correlations }: State): void {
    this.#weights.append(step, weights);
    this.#alike.append(step, correlations);
  }

  /** Draws what was added, and tells it. */
  show({ step, weights, correlations }: State): void {
    this.#weights.redraw();
    this.#alike.redraw();
    this.#weights.describeForReaders(`Weight of what is found at step ${step}: ${this.#listed(weights)}.`);
    this.#alike.describeForReaders(`Correlation with the sources at step ${step}: ${this.#listed(correlations)}.`);
  }

  finish(): void {
    this.#weights.finish();
    this.#alike.finish();
  }

  destroy(): void {
    this.#weights.destroy();
    this.#alike.destroy();
  }

  #describe(step: number, values: readonly (number | null)[], near: number): string {
    return `step ${formatCount(step)} · ${this.#names[near] ?? ''}: ${(values[near] ?? 0).toFixed(3)}`;
  }

  #listed(values: readonly number[]): string {
    return values.map((value, k) => `${this.#names[k] ?? ''} ${value.toFixed(2)}`).join(', ');
  }
}
