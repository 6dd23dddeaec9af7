// What was found: above, the weight of every component as a bar in the color of the true component it points along;
// below, |cosine| of each true component (row) with each component found (column) as a heat map.
import { color, componentColor, onThemeChange } from '../../../plots/theme.js';
import { svg as element } from '../../../shell/elements.js';
import { owners } from '../comparison.js';
import type { Model } from '../job.js';

const barsHeight = 96;
const rowHeight = 26;
const labelWidth = 58;
const gap = 10;
const widestCell = 76;

interface Shown {
  readonly model: Model;
  readonly truthWeights: readonly number[];
}

export class MatchPlot {
  readonly #host: HTMLElement;
  readonly #resized: ResizeObserver;
  readonly #forgetTheme: () => void;
  #shown: Shown | undefined;
  #width = 0;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#forgetTheme = onThemeChange(() => this.#draw());
    this.#resized = new ResizeObserver(() => host.clientWidth !== this.#width && this.#draw());
    this.#resized.observe(host);
  }

  destroy(): void {
    this.#resized.disconnect();
    this.#forgetTheme();
  }

  clear(): void {
    this.#shown = undefined;
    this.#host.replaceChildren();
  }

  show(model: Model, truthWeights: readonly number[]): void {
    this.#shown = { model, truthWeights };
    this.#draw();
  }

  #draw(): void {
    if (!this.#shown) return;
    this.#width = this.#host.clientWidth;
    this.#host.replaceChildren(drawing(this.#shown, this.#width));
  }
}

function drawing({ model, truthWeights }: Shown, width: number): SVGSVGElement {
  const { weights, cosines } = model;
  const known = owners(cosines, weights.length);
  const cell = Math.min(widestCell, (width - labelWidth) / weights.length);
  const largest = Math.max(...weights.map(Math.abs), ...truthWeights.map(Math.abs));
  const height = barsHeight + gap + rowHeight * truthWeights.length;
  const svg = element('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  const inset = Math.min(2, cell * 0.12);
  const right = labelWidth + cell * weights.length;

  svg.append(text('weight', labelWidth - 10, barsHeight - 3, 'end', 'label'));
  svg.append(element('line', { x1: labelWidth, x2: right, y1: barsHeight, y2: barsHeight, class: 'baseline' }));
  weights.forEach((weight, f) => {
    const size = (Math.abs(weight) / largest) * (barsHeight - 22);
    const owner = known[f] ?? -1;
    const left = labelWidth + f * cell;
    const fill = owner < 0 ? color('--faint-line') : componentColor(owner);
    const bar = element('rect', {
      x: left + inset,
      y: barsHeight - size,
      width: Math.max(1, cell - 2 * inset),
      height: size,
      fill,
      rx: 1,
    });
    bar.append(title(`component ${f + 1}: weight ${weight.toFixed(3)}${owner < 0 ? '' : `, along true ${owner + 1}`}`));
    svg.append(bar);
    if (cell >= 26 && Math.abs(weight) >= 0.005 * largest) {
      svg.append(text(Math.abs(weight).toFixed(2), left + cell / 2, barsHeight - size - 5, 'middle', 'value'));
    }
  });

  cosines.forEach((row, t) => {
    const top = barsHeight + gap + t * rowHeight;
    const middle = top + rowHeight / 2;
    svg.append(element('circle', { cx: 5, cy: middle, r: 4, fill: componentColor(t) }));
    svg.append(text(`${t + 1}`, 19, middle + 4, 'end', 'label'));
    svg.append(text(Math.abs(truthWeights[t] ?? 0).toFixed(2), labelWidth - 8, middle + 4, 'end', 'label'));
    row.forEach((value, f) => {
      const left = labelWidth + f * cell;
      const rect = element('rect', {
        x: left + inset / 2,
        y: top + 1,
        width: Math.max(1, cell - inset),
        height: rowHeight - 2,
        rx: 1,
        fill: shade(value),
      });
      rect.append(title(`true ${t + 1}, component ${f + 1}: |cosine| ${value.toFixed(3)}`));
      svg.append(rect);
      if (cell >= 30) {
        const onDark = value > 0.6 ? 'value strong' : 'value';
        svg.append(text(value.toFixed(2), left + cell / 2, middle + 4, 'middle', onDark));
      }
    });
  });
  return svg;
}

/** From the background to the accent; squared, so that only real agreement stands out. */
function shade(cosine: number): string {
  return `color-mix(in oklab, ${color('--accent')} ${(100 * cosine ** 2).toFixed(1)}%, ${color('--cell')})`;
}

function text(content: string, x: number, y: number, anchor: 'end' | 'middle', className: string): SVGTextElement {
  return element('text', { x, y, 'text-anchor': anchor, class: className }, content);
}

const title = (content: string): SVGTitleElement => element('title', {}, content);
