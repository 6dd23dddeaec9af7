// A sound as it swings: for every column of the canvas the range of the samples that fall into it, all sounds on one scale.
import { color, onThemeChange } from '../../plots/theme.js';
import { h } from '../../shell/elements.js';

/** Standard deviations from the middle to the edge. */
const reach = 4;

export interface Range {
  readonly first: number;
  readonly count: number;
}

export class Waveform {
  readonly element = h('canvas', { class: 'waveform', role: 'img' });
  readonly #resized = new ResizeObserver(() => this.#draw());
  readonly #forgetTheme = onThemeChange(() => this.#draw());
  readonly #data: Float32Array;
  readonly #color: () => string;
  #range: Range;

  /** `data` has variance 1 and mean 0, or is scaled to it. */
  constructor(data: Float32Array, range: Range, stroke: () => string, about: string) {
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
    this.#data = data.map((value) => value / deviation);
    this.#range = range;
    this.#color = stroke;
    this.element.setAttribute('aria-label', about);
    this.#resized.observe(this.element);
  }

  set range(range: Range) {
    this.#range = range;
    this.#draw();
  }

  destroy(): void {
    this.#resized.disconnect();
    this.#forgetTheme();
  }

  #draw(): void {
    const { clientWidth, clientHeight } = this.element;
    const context = this.element.getContext('2d');
    if (!context || clientWidth === 0) return;
    const [width, height] = [clientWidth, clientHeight].map((length) => Math.round(length * devicePixelRatio));
    this.element.width = width ?? 0;
    this.element.height = height ?? 0;
    context.fillStyle = color('--hairline');
    context.fillRect(0, Math.floor(this.element.height / 2), this.element.width, 1);
    context.fillStyle = this.#color();
    const yOf = (value: number): number => (this.element.height * (1 - Math.max(-1, Math.min(1, value / reach)))) / 2;
    for (let x = 0; x < this.element.width; x++) {
      const [min, max] = this.#extent(x);
      context.fillRect(x, yOf(max), 1, Math.max(devicePixelRatio, yOf(min) - yOf(max)));
    }
  }

  /** Of the samples in a column, the first one of the next column with them, so that the line has no gaps. */
  #extent(x: number): [number, number] {
    const { first, count } = this.#range;
    const begin = first + Math.floor((x * count) / this.element.width);
    const end = first + Math.floor(((x + 1) * count) / this.element.width);
    let min = Infinity;
    let max = -Infinity;
    for (let t = begin; t <= Math.min(end, this.#data.length - 1); t++) {
      min = Math.min(min, this.#data[t]!);
      max = Math.max(max, this.#data[t]!);
    }
    return [min, max];
  }
}
