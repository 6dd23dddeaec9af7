// The real tensors that come with the command line. Their numbers are loaded on demand.
import { dense, type DenseTarget } from '../../index.js';

export interface Example {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly modes: readonly { readonly name: string; readonly ticks: readonly string[] }[];
  /** What is counted. */
  readonly value: string;
  readonly load: () => Promise<DenseTarget>;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const years = (first: number, count: number): string[] => Array.from({ length: count }, (_, k) => String(first + k));
const numbersIn = (text: string, inUnit: (number: number) => number): Float64Array =>
  Float64Array.from(text.split(' '), (number) => inUnit(Number(number)));

export const examples: readonly Example[] = [
  {
    name: 'unemployment',
    title: 'US unemployment by industry, year and month',
    source: 'Bureau of Labor Statistics, from the npm package vega-datasets',
    value: 'percent',
    modes: [
      {
        name: 'industry',
        ticks: [
          'Government',
          'Mining and Extraction',
          'Construction',
          'Manufacturing',
          'Wholesale and Retail Trade',
          'Transportation and Utilities',
          'Information',
          'Finance',
          'Business services',
          'Education and Health',
          'Leisure and hospitality',
          'Other',
          'Agriculture',
          'Self-employed',
        ],
      },
      { name: 'year', ticks: years(2000, 10) },
      { name: 'month', ticks: months },
    ],
    load: async () =>
      dense(
        [14, 10, 12],
        numbersIn((await import('./unemployment-rates.js')).rates, (tenths) => tenths / 10),
      ),
  },
];
