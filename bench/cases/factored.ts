// Contraction of a symmetric tensor in factored form with m queries: A = (ω ⊙ (QVᵀ)^(l−1)) V, the hot path of every flow.
// Peers do it as two matrix products with the m × m matrix between them. Ours must not hold one: its memory is asserted.
import type { Case } from '../case.js';
import { costCurve } from '../cost-curve.js';
import { contraction } from '../contraction.js';
import { kernelCase } from '../kernel-case.js';

const sizes: readonly { m: number; d: number; order: 3 | 4; quick?: boolean; hardwareOnly?: boolean }[] = [
  { m: 64, d: 16, order: 3, quick: true },
  { m: 256, d: 64, order: 3 },
  { m: 1024, d: 64, order: 3, quick: true },
  { m: 1024, d: 64, order: 4 },
  { m: 2048, d: 128, order: 3 },
  { m: 2048, d: 128, order: 4 },
  { m: 4096, d: 128, order: 3 },
  { m: 4096, d: 128, order: 4 },
  // A millisecond on a card, minutes on a software adapter.
  { m: 16_384, d: 64, order: 3, hardwareOnly: true },
  { m: 16_384, d: 64, order: 4, hardwareOnly: true },
];

export const cases: readonly Case[] = [
  ...sizes.map(({ m, d, order, quick = false, hardwareOnly = false }) => ({
    ...kernelCase({ name: `m ${m}, d ${d}, order ${order}`, ...contraction({ rows: m, columns: m, d, order }) }),
    quick,
    hardwareOnly,
  })),
  costCurve(
    'cost against m',
    'm',
    [256, 512, 1024, 2048].map((m) => [m, contraction({ rows: m, columns: m, d: 64, order: 3 })]),
  ),
  costCurve(
    'cost against d',
    'd',
    [32, 64, 128, 256].map((d) => [d, contraction({ rows: 512, columns: 512, d, order: 3 })]),
  ),
];
