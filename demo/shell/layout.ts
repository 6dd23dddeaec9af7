// What every view looks like: a title that takes the focus, a sentence or two, and two columns, what is found and what is asked for.
import { h } from './elements.js';

export interface Columns {
  /** What the first column is, for screen readers. */
  readonly label: string;
  readonly main: readonly (Node | string)[];
  readonly settings: readonly (Node | string)[];
}

export function layout(
  title: string,
  introduction: HTMLElement | string,
  { label, main, settings }: Columns,
): HTMLElement[] {
  return [
    h('h1', { tabindex: -1 }, title),
    typeof introduction === 'string' ? h('p', { class: 'introduction' }, introduction) : introduction,
    h(
      'div',
      { class: 'columns' },
      h('section', { 'aria-label': label }, ...main),
      h('aside', { 'aria-label': 'Settings' }, ...settings),
    ),
  ];
}

/** Labeled numbers, each in its `<data>`. */
export function readingsList<R extends string>(
  readings: readonly (readonly [R, string])[],
  data: Readonly<Record<R, HTMLDataElement>>,
): HTMLElement {
  const rows = readings.map(([name, label]) => h('div', {}, h('dt', {}, label), h('dd', {}, data[name])));
  return h('dl', { class: 'readings' }, ...rows);
}
