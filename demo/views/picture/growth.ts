// The two curves of a completion: the norms of the components, each in a color of its own from when it counts, and the likeness of
// the picture beside that of the mean color.
import { Curves } from '../../plots/curves.js';
import { plotFigure } from '../../plots/figure.js';
import { color, componentColor } from '../../plots/theme.js';
import { formatCount } from '../../shell/format.js';
import type { Problem, State } from './job.js';

const sync = 'picture';

export class Growth {
  readonly #normsFigure = plotFigure(
    'Component norms',
    'One line per component. All begin tiny; in color those above 1 % of the norm of the picture, in the order in which they came.',
  );
  readonly #likenessFigure = plotFigure(
    'PSNR, dB',
    'Of the picture with the given pixels kept, against the whole one. Dotted: hidden pixels in the mean color of the others.',
  );
  readonly elements = [this.#normsFigure.element, this.#likenessFigure.element];
  readonly #norms = new Curves(this.#normsFigure.plot, this.#normsFigure.readout, {
    logarithmic: false,
    sync,
    describe: (step, values, near) =>
      `step ${formatCount(step)} · component ${near + 1}: ${Math.round(values[near] ?? 0).toLocaleString('en')}`,
  });
  readonly #likeness = new Curves(this.#likenessFigure.plot, this.#likenessFigure.readout, {
    logarithmic: false,
    sync,
    describe: (step, [psnr]) => `step ${formatCount(step)}: ${(psnr ?? 0).toFixed(2)} dB`,
  });
  /** Place of every component in the order in which they came. */
  #arrivals = new Map<number, number>();
  #minNorm = 0;

  reset(width: number, { meanFill, minNorm }: Problem): void {
    this.#arrivals = new Map();
    this.#minNorm = minNorm;
    const lines = Array.from({ length: width }, (_, k) => ({
      label: `component ${k + 1}`,
      color: () => this.#lineColor(k),
      width: 1.75,
    }));
    this.#norms.reset(lines, []);
    this.#norms.describeForReaders('Component norms: no step done yet.');
    const guide = { value: meanFill, label: `mean color: ${meanFill.toFixed(1)} dB`, color: () => color('--muted') };
    this.#likeness.reset([{ label: 'PSNR', color: () => color('--accent'), width: 2 }], [guide]);
    this.#likeness.describeForReaders('PSNR: no step done yet.');
  }

  add({ step, componentNorms, psnr }: State): void {
    componentNorms.forEach((norm, k) => {
      if (norm > this.#minNorm && !this.#arrivals.has(k)) this.#arrivals.set(k, this.#arrivals.size);
    });
    this.#norms.append(step, componentNorms);
    this.#likeness.append(step, [psnr]);
  }

  /** Draws what was added, and tells it. */
  show({ step, componentNorms, psnr, rank }: State): void {
    this.#norms.redraw();
    this.#likeness.redraw();
    const largest = [...componentNorms].sort((a, b) => b - a).slice(0, 8);
    this.#norms.describeForReaders(
      `Component norms at step ${step}: ${rank} that count. The largest: ${largest.map((norm) => Math.round(norm)).join(', ')}.`,
    );
    this.#likeness.describeForReaders(`PSNR at step ${step}: ${psnr.toFixed(2)} dB.`);
  }

  finish(): void {
    this.#norms.finish();
    this.#likeness.finish();
  }

  destroy(): void {
    this.#norms.destroy();
    this.#likeness.destroy();
  }

  #lineColor(component: number): string {
    const place = this.#arrivals.get(component);
    return place === undefined ? color('--faint-line') : componentColor(place);
  }
}
