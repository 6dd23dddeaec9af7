// Contraction of the fourth moment of many samples with few queries: the factored contraction with the samples as vectors.
import type { Case } from '../case.js';
import { contraction } from '../contraction.js';
import { costCurve } from '../cost-curve.js';
import { kernelCase } from '../kernel-case.js';

const moment = (samples: number) => contraction({ rows: 64, columns: samples, d: 64, order: 4 });

export const cases: readonly Case[] = [
  kernelCase({ name: '16384 samples, 64 queries, d 64, order 4', ...moment(16_384) }),
  costCurve(
    'cost against samples',
    'samples',
    [4096, 8192, 16_384].map((samples) => [samples, moment(samples)]),
  ),
];
