// Curves over the steps of a run (or over ranks), drawn by uPlot: what the plots of the page have in common. Points are
// appended as they come; the axis grows in the series 1, 2, 5, so that it stands still most of the time.
import { locale } from './locale.js';
import uPlot from 'uplot';
import { color, font, onThemeChange } from './theme.js';

export interface Curve {
  readonly label: string;
  /** Asked at every draw. */
  readonly color: () => string;
  readonly width?: number;
  readonly dash?: readonly number[];
}

/** A horizontal line that the curves are compared with. */
export interface Guide {
  readonly value: number;
  readonly label: string;
  readonly color: () => string;
}

/** A vertical line: something happened there. */
export interface Mark {
  readonly at: number;
  readonly label: string;
  readonly color: () => string;
}

export interface CurvesOptions {
  readonly logarithmic: boolean;
  /** The upper end of the axis, where it is known. */
  readonly top?: number;
  /** Plots of one key move their cursors together. */
  readonly sync?: string;
  /** What to say about the points under the cursor; '' for nothing. */
  describe(step: number, values: readonly (number | null)[], near: number): string;
}

/** As in plots.css, where it keeps the place. */
const height = 190;

export class Curves {
  readonly #host: HTMLElement;
  readonly #readout: HTMLElement;
  readonly #options: CurvesOptions;
  readonly #resized: ResizeObserver;
  readonly #forgetTheme: () => void;
  #guides: readonly Guide[] = [];
  #marks: readonly Mark[] = [];
  #playhead: number | undefined;
  #plot: uPlot | undefined;
  #data: (number | null)[][] = [[]];
  /** Of everything appended. */
  #min = Infinity;
  #max = -Infinity;
  /** End of the step axis; grows by itself until the run has ended. */
  #end: number | undefined;

  constructor(host: HTMLElement, readout: HTMLElement, options: CurvesOptions) {
    this.#host = host;
    this.#readout = readout;
    this.#options = options;
    this.#resized = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.#resized.observe(host);
    this.#forgetTheme = onThemeChange(() => this.redraw());
  }

  /** Starts over with other curves. */
  reset(curves: readonly Curve[], guides: readonly Guide[]): void {
    this.#plot?.destroy();
    this.#guides = guides;
    this.#marks = [];
    this.#playhead = undefined;
    this.#end = undefined;
    this.#min = Infinity;
    this.#max = -Infinity;
    for (const { value } of guides) this.#widen(value);
    this.#data = [[], ...curves.map(() => [])];
    this.#plot = new uPlot(this.#uplotOptions(curves), this.#data as uPlot.AlignedData, this.#host);
  }

  append(step: number, values: readonly (number | null)[]): void {
    this.#data[0]!.push(step);
    for (let k = 1; k < this.#data.length; k++) {
      const value = this.#drawable(values[k - 1]);
      this.#data[k]!.push(value);
      if (value !== null) this.#widen(value);
    }
  }

  set marks(marks: readonly Mark[]) {
    this.#marks = marks;
  }

  /** Where the page stands; drawn as a vertical line. */
  set playhead(at: number | undefined) {
    this.#playhead = at;
  }

  /** Draws what was appended. */
  redraw(): void {
    this.#plot?.setData(this.#data as uPlot.AlignedData);
  }

  /** The run has ended: the step axis ends with it. */
  finish(): void {
    this.#end = this.#data[0]!.at(-1) ?? undefined;
    this.redraw();
  }

  describeForReaders(text: string): void {
    this.#host.setAttribute('aria-label', text);
  }

  /** A logarithmic axis has no place for 0. */
  #drawable(value: number | null | undefined): number | null {
    return value === undefined || value === null || (this.#options.logarithmic && value <= 0) ? null : value;
  }

  #widen(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  /** Frees the canvas. */
  destroy(): void {
    this.#plot?.destroy();
    this.#resized.disconnect();
    this.#forgetTheme();
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#host.clientWidth), height };
  }

  #uplotOptions(curves: readonly Curve[]): uPlot.Options {
    const { logarithmic, sync } = this.#options;
    const axis = {
      stroke: () => color('--muted'),
      font: font(12),
      grid: { stroke: () => color('--hairline'), width: 1 },
      ticks: { show: false },
    };
    return {
      ...this.#size(),
      padding: [16, 22, 0, 0],
      legend: { show: false },
      cursor: {
        ...(sync === undefined ? {} : { sync: { key: sync, scales: ['x', null] as [string, null] } }),
        drag: { x: false, y: false },
        y: false,
        points: { size: 6 },
      },
      scales: {
        x: { time: false, range: () => [0, this.#end || niceAbove(this.#data[0]!.at(-1) ?? 0)] },
        // uPlot.Scale.Distr is an enum of its types alone; 3 is its Logarithmic.
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
        y: logarithmic ? { distr: 3, range: () => this.#decades() } : { range: () => [0, this.#top()] },
      },
      axes: [
        { ...axis, size: 28, gap: 6, values: (_, splits) => splits.map((split) => split.toLocaleString(locale)) },
        { ...axis, size: 50, gap: 6, ...(logarithmic ? decadeAxis : {}) },
      ],
      series: [
        {},
        ...curves.map(({ label, color: stroke, width = 1.5, dash }) => ({
          label,
          stroke,
          width,
          spanGaps: true,
          points: { show: false },
          ...(dash ? { dash: [...dash] } : {}),
        })),
      ],
      hooks: {
        drawAxes: [(plot) => this.#drawGuides(plot)],
        setCursor: [(plot) => this.#describeCursor(plot)],
      },
    };
  }

  #top(): number {
    return this.#options.top ?? (1.08 * Math.max(0, this.#max) || 1);
  }

  /** Ends at half decades, with room above and below. */
  #decades(): [number, number] {
    const min = Math.min(-1, Math.log10(this.#min));
    const max = Math.max(0, Math.log10(this.#max));
    return [10 ** (Math.floor(2 * min - 0.3) / 2), 10 ** (Math.ceil(2 * max - 0.1) / 2 + 0.15)];
  }

  #drawGuides(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = font(11 * ratio);
    ctx.textAlign = 'left';
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 4 * ratio]);
    for (const { value, label, color: stroke } of this.#guides) {
      const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
      if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue;
      ctx.strokeStyle = ctx.fillStyle = stroke();
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.fillText(label, bbox.left + 6 * ratio, y - 5 * ratio);
    }
    ctx.textAlign = 'center';
    for (const { at, label, color: stroke } of this.#marks) {
      this.#drawVertical(plot, at, stroke());
      ctx.fillText(label, plot.valToPos(at, 'x', true), bbox.top - 2 * ratio);
    }
    ctx.setLineDash([]);
    if (this.#playhead !== undefined) this.#drawVertical(plot, this.#playhead, color('--ink'));
    ctx.restore();
  }

  #drawVertical(plot: uPlot, at: number, stroke: string): void {
    const { ctx, bbox } = plot;
    const x = Math.round(plot.valToPos(at, 'x', true)) + 0.5;
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) return;
    ctx.strokeStyle = ctx.fillStyle = stroke;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }

  #describeCursor(plot: uPlot): void {
    const { idx, top = -1 } = plot.cursor;
    const step = idx === null || idx === undefined ? null : this.#data[0]![idx];
    if (step === null || step === undefined || idx === null || idx === undefined) {
      this.#readout.textContent = '';
      return;
    }
    const values = this.#data.slice(1).map((series) => series[idx] ?? null);
    const near = nearest(values, top < 0 ? Infinity : plot.posToVal(top, 'y'));
    this.#readout.textContent = this.#options.describe(step, values, near);
  }
}

/** Position of the value next to `goal`; of the largest one where the goal is infinite. */
function nearest(values: readonly (number | null)[], goal: number): number {
  const distance = (value: number | null): number =>
    value === null ? Infinity : goal === Infinity ? -value : Math.abs(value - goal);
  return values.reduce<number>((best, value, k) => (distance(value) < distance(values[best] ?? null) ? k : best), 0);
}

/** The next of 100, 200, 500, 1000, … */
function niceAbove(step: number): number {
  for (let decade = 100; ; decade *= 10) {
    const nice = [decade, 2 * decade, 5 * decade].find((value) => value > step);
    if (nice !== undefined) return nice;
  }
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Marks at whole decades only; at every other or third one where there are many. */
const decadeAxis: Pick<uPlot.Axis, 'splits' | 'values'> = {
  splits: (_, _axis, min, max) => {
    const first = Math.ceil(Math.log10(min));
    const last = Math.floor(Math.log10(max));
    const stride = Math.ceil((last - first + 1) / 6);
    const count = Math.floor((last - first) / stride) + 1;
    return Array.from({ length: count }, (_mark, k) => 10 ** (last - (count - 1 - k) * stride));
  },
  values: (_, splits) => splits.map(decadeLabel),
};

/** 1, 0.1, 10⁻², 10⁻³ … */
function decadeLabel(value: number | null): string {
  if (value === null) return '';
  const whole = Math.round(Math.log10(value));
  if (whole >= -1 && whole <= 3) return String(10 ** whole);
  const digits = String(Math.abs(whole)).replace(/\d/g, (digit) => superscripts[Number(digit)] ?? '');
  return `10${whole < 0 ? '⁻' : ''}${digits}`;
}
