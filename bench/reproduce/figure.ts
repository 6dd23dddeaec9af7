// Figures as SVG, drawn by Vega-Lite without a browser. One look for all: light background, labeled axes, colors of Okabe and
// Ito that color-blind readers tell apart.
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export type FigureSpec = TopLevelSpec;

type Encoding = NonNullable<Extract<TopLevelSpec, { readonly layer: unknown }>['encoding']>;
/** What several layers of a figure share: an axis, or the colors. */
export type Position = NonNullable<Encoding['x']>;
export type Coloring = NonNullable<Encoding['color']>;

export const colors = {
  blue: '#0072b2',
  orange: '#d55e00',
  purple: '#cc79a7',
  gray: '#767676',
  ink: '#222222',
} as const;

/** Ordered quantities (a dimension, say), dark to light; without the yellow end, which white swallows. */
export const orderedScheme = { name: 'viridis' as const, extent: [0, 0.85] as [number, number] };

const font = 'Helvetica, Arial, sans-serif';
const look = {
  background: 'white',
  font,
  padding: 8,
  view: { stroke: null },
  axis: {
    domainColor: colors.gray,
    gridColor: '#e5e5e5',
    labelColor: colors.ink,
    labelFontSize: 11,
    tickColor: colors.gray,
    titleColor: colors.ink,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  header: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' },
  legend: { labelLimit: 400, labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' },
  title: { anchor: 'start', fontSize: 14, fontWeight: 'normal', color: colors.ink, subtitleColor: colors.gray },
} as const;

/** The SVG text of a Vega-Lite figure whose data stand in it. */
export async function drawSvg(spec: FigureSpec): Promise<string> {
  const { spec: vega } = compile({ ...spec, config: look });
  const view = new View(parse(vega), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
