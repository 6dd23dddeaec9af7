// US unemployment, percent of each industry's workers: industry × year × month, 14 × 10 × 12, no gaps.
// Bureau of Labor Statistics, from the npm package vega-datasets. Used by `npm start` and the demo page.
import rows from '../../node_modules/vega-datasets/data/unemployment-across-industries.json' with { type: 'json' };
import { dense, type DenseTarget } from '../../src/index.js';

export interface Mode {
  readonly name: string;
  /** One label an index. */
  readonly ticks: readonly string[];
}

export interface Example {
  readonly title: string;
  readonly source: string;
  readonly unit: string;
  readonly target: DenseTarget;
  readonly modes: readonly Mode[];
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const firstYear = 2000;
const lastYear = 2009; // 2010 has January and February only

export function unemployment(): Example {
  const industries = [...new Set(rows.map(({ series }) => series))];
  const years = Array.from({ length: lastYear - firstYear + 1 }, (_, k) => firstYear + k);
  const data = new Float64Array(industries.length * years.length * months.length).fill(NaN);
  for (const { series, year, month, rate } of rows) {
    if (year > lastYear) continue;
    const at = industries.indexOf(series) * years.length + (year - firstYear);
    data[at * months.length + month - 1] = rate;
  }
  return {
    title: 'US unemployment by industry, year and month',
    source: 'Bureau of Labor Statistics, from the npm package vega-datasets',
    unit: 'percent',
    // Also checks that no month is missing: NaN is refused.
    target: dense([industries.length, years.length, months.length], data),
    modes: [
      { name: 'industry', ticks: industries },
      { name: 'year', ticks: years.map(String) },
      { name: 'month', ticks: months },
    ],
  };
}
