// A figure with a plot: its title, what is said about the points under the cursor, the plot, and what it shows.
import { h } from '../shell/elements.js';

export interface PlotFigure {
  readonly element: HTMLElement;
  readonly plot: HTMLElement;
  readonly readout: HTMLElement;
}

export function plotFigure(title: string, caption: string): PlotFigure {
  const readout = h('p', { class: 'readout' });
  const plot = h('div', { class: 'plot', role: 'img', 'aria-label': title });
  const head = h('figcaption', {}, h('h3', {}, title), readout);
  return { element: h('figure', {}, head, plot, h('p', { class: 'caption' }, caption)), plot, readout };
}
