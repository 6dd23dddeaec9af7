// A figure with a plot: its title, what is said about the points under the cursor, the plot, and what it shows.
import { h } from '../shell/elements.js';

export interface PlotFigure {
  readonly element: HTMLElement;
  readonly plot: HTMLElement;
  readonly readout: HTMLElement;
}

/** `heading` is one below that of the part of the page it belongs to. */
export function plotFigure(title: string, caption: string, heading: 'h2' | 'h3' = 'h2'): PlotFigure {
  const readout = h('p', { class: 'readout' });
  const plot = h('div', { class: 'plot', role: 'img', 'aria-label': title });
  const head = h('figcaption', {}, h(heading, {}, title), readout);
  return { element: h('figure', {}, head, plot, h('p', { class: 'caption' }, caption)), plot, readout };
}
