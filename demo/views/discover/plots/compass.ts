// Where the components point: every component is a disk, as large as its weight, at the place that its direction has between
// the true ones (comparison.ts); the true ones are numbered rings at the corners. Drawn on a canvas, sixty times a second.
import { color, componentColor, font, onThemeChange } from '../../../plots/theme.js';
import { owners, place } from '../comparison.js';
import type { Model, Truth } from '../job.js';

/** Radii as shares of half the canvas: of the polygon, and of a disk of the largest true weight. */
const polygonShare = 0.7;
const diskShare = 0.13;
const minRadius = 2.5;

export class Compass {
  readonly #canvas: HTMLCanvasElement;
  readonly #resized: ResizeObserver;
  readonly #forgetTheme: () => void;
  #truth: Truth = { weights: [], cosines: [] };
  #order = 3;
  #model: Model | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#resized = new ResizeObserver(() => this.#draw());
    this.#resized.observe(canvas);
    this.#forgetTheme = onThemeChange(() => this.#draw());
  }

  reset(order: number, truth: Truth): void {
    this.#order = order;
    this.#truth = truth;
    this.#model = undefined;
    this.#draw();
    this.#canvas.setAttribute('aria-label', 'Where the components point: no step done yet.');
  }

  show(model: Model): void {
    this.#model = model;
    this.#draw();
  }

  describe(): void {
    if (!this.#model) return;
    const { cosines, weights } = this.#model;
    const known = owners(cosines, weights.length);
    const along = cosines.map((_, t) => {
      const own = weights.filter((_weight, f) => known[f] === t);
      return `true ${t + 1}: ${own.length === 0 ? 'none' : own.map((weight) => Math.abs(weight).toFixed(2)).join(' and ')}`;
    });
    const aside = known.filter((owner) => owner < 0).length;
    this.#canvas.setAttribute(
      'aria-label',
      `Weights of the components along each true part. ${along.join('; ')}. ${aside} elsewhere.`,
    );
  }

  destroy(): void {
    this.#resized.disconnect();
    this.#forgetTheme();
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (!context || width === 0) return;
    const ratio = devicePixelRatio;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.translate(width / 2, height / 2);
    const half = Math.min(width, height) / 2;
    this.#drawTruth(context, half);
    this.#drawComponents(context, half);
  }

  #corner(t: number, half: number): readonly [number, number] {
    const [x, y] = place(this.#truth.cosines[t] ?? [], this.#order);
    return [x * polygonShare * half, y * polygonShare * half];
  }

  #drawTruth(context: CanvasRenderingContext2D, half: number): void {
    context.lineWidth = 1;
    context.strokeStyle = color('--hairline');
    context.beginPath();
    this.#truth.weights.forEach((_, t) => context.lineTo(...this.#corner(t, half)));
    context.closePath();
    context.stroke();
    context.font = font(12);
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    this.#truth.weights.forEach((weight, t) => {
      const [x, y] = this.#corner(t, half);
      const radius = this.#radius(weight, half);
      context.strokeStyle = context.fillStyle = componentColor(t);
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, radius + 2, 0, 2 * Math.PI);
      context.stroke();
      const outward = 1 + (radius + 13) / Math.hypot(x, y);
      context.fillText(String(t + 1), x * outward, y * outward);
    });
  }

  #drawComponents(context: CanvasRenderingContext2D, half: number): void {
    if (!this.#model) return;
    const { cosines, weights } = this.#model;
    const known = owners(cosines, weights.length);
    const reach = polygonShare * half;
    weights.forEach((weight, f) => {
      const [x, y] = place(
        cosines.map((row) => row[f]!),
        this.#order,
      );
      const owner = known[f]!;
      context.globalAlpha = 0.75;
      context.fillStyle = owner < 0 ? color('--line') : componentColor(owner);
      context.beginPath();
      context.arc(x * reach, y * reach, Math.max(minRadius, this.#radius(weight, half)), 0, 2 * Math.PI);
      context.fill();
    });
    context.globalAlpha = 1;
  }

  /** The area of a disk is its weight. */
  #radius(weight: number, half: number): number {
    const largest = Math.max(...this.#truth.weights.map(Math.abs));
    return diskShare * half * Math.sqrt(Math.min(4, Math.abs(weight) / largest));
  }
}
