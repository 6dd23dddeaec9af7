// All kernels, each with the sources of every variant that the host side can ask for. The tests compile them all.
import { lossNames } from '../src/losses/losses.js';
import { recordComponents } from './alignment.wgsl.js';
import { normsOfColumns, scaleFactorColumns } from './columns.wgsl.js';
import { mttkrpDenseHeld, mttkrpPairHeld } from './dense-held.wgsl.js';
import { maskedResidualDenseHeld, residualDenseHeld } from './dense-residual-held.wgsl.js';
import {
  finishMode,
  khatriRao,
  maskedResidualDense,
  maskedResidualDenseShared,
  mttkrpDense,
  mttkrpDenseShared,
  residualDense,
  residualDenseShared,
} from './dense.wgsl.js';
import {
  contractSymmetricHeld,
  contractSymmetricShared,
  multisetProducts,
  symmetricMultisets,
} from './dense-symmetric-multisets.wgsl.js';
import { contractSymmetric, rowStrengths } from './dense-symmetric.wgsl.js';
import { descend, descendAdam, groupRates } from './descent.wgsl.js';
import { contractFactoredHeld } from './factored-held.wgsl.js';
import { combineStrip, scoreStrip } from './factored-strip.wgsl.js';
import { contractFactored, updateVanilla } from './factored.wgsl.js';
import { setRates, shiftRows, unitRows, updatePolar } from './flow.wgsl.js';
import { gramOfVectors } from './gram.wgsl.js';
import {
  blockGradients,
  blockProducts,
  clearSums,
  otherBlocks,
  productOfBlocks,
  sumOfProducts,
  type LargeOrderVariant,
} from './large-order.wgsl.js';
import { heldTile } from './lib/held-tile.js';
import type { RegisterTile } from './lib/register-tile.js';
import type { SharedTile } from './lib/shared-tile.js';
import { subtractGaussian } from './moments.wgsl.js';
import { factorNormalMatrix, subtractSolution } from './normal-equations.wgsl.js';
import {
  gradientParts,
  gradientRows,
  lossAndGradientParts,
  lossObserved,
  meanOfParts,
  predictObserved,
} from './observed.wgsl.js';
import { squareRuns, sumParts } from './reduce.wgsl.js';
import { measureAdjoint, measureDense, multiplyProducts, sumGroups, transpose } from './sensing.wgsl.js';
import { traceResidual } from './trace.wgsl.js';

export interface KernelSources {
  readonly name: string;
  readonly sources: (subgroups: boolean) => string[];
}

const tiles = (subgroups: boolean): RegisterTile[] =>
  (subgroups ? (['quad', 'load'] as const) : (['load'] as const)).flatMap((share) => [
    { rows: 1, columns: 4, lanes: 4, share },
    { rows: 8, columns: 16, lanes: 4, share },
    { rows: 4, columns: 8, lanes: 32, share },
  ]);

const sharedTiles: readonly SharedTile[] = [{ size: 32 }, { size: 64 }];

const symmetricOrders = [2, 3, 4, 6, 8];

const largeOrderVariants: readonly LargeOrderVariant[] = (['rows', 'bits'] as const).flatMap((entries) =>
  ([4, 16] as const).map((lanes) => ({ entries, lanes })),
);

const single = (kernel: { readonly name: string; readonly source: (variant: object) => string }): KernelSources => ({
  name: kernel.name,
  sources: () => [kernel.source({})],
});

export const kernels: readonly KernelSources[] = [
  {
    name: contractFactored.name,
    sources: (subgroups) =>
      [2, 3, 8].flatMap((order) => tiles(subgroups).map((tile) => contractFactored.source({ order, tile }))),
  },
  {
    name: contractFactoredHeld.name,
    sources: (subgroups) =>
      subgroups
        ? [
            { order: 2, blocks: 1 },
            { order: 3, blocks: 4 },
            { order: 8, blocks: 2 },
          ].map((variant) => contractFactoredHeld.source(variant))
        : [],
  },
  single(updateVanilla),
  ...[residualDense, maskedResidualDense].map(({ name, source }) => ({
    name,
    sources: (subgroups: boolean) => tiles(subgroups).map((tile) => source({ tile })),
  })),
  {
    name: mttkrpDense.name,
    sources: (subgroups) =>
      tiles(subgroups).flatMap((tile) =>
        [tile, { ...tile, rows: 5 } as const].map((fitted) => mttkrpDense.source({ tile: fitted })),
      ),
  },
  ...[mttkrpDenseHeld, mttkrpPairHeld, residualDenseHeld, maskedResidualDenseHeld].map(({ name, source }) => ({
    name,
    sources: (subgroups: boolean) => (subgroups ? [1, 5, 8].map((columns) => source({ columns })) : []),
  })),
  { name: scoreStrip.name, sources: () => sharedTiles.map((tile) => scoreStrip.source({ order: 3, tile })) },
  { name: combineStrip.name, sources: () => sharedTiles.map((tile) => combineStrip.source({ tile })) },
  ...[residualDenseShared, maskedResidualDenseShared].map(({ name, source }) => ({
    name,
    sources: () => sharedTiles.map((tile) => source({ tile })),
  })),
  {
    name: mttkrpDenseShared.name,
    sources: () =>
      sharedTiles.flatMap((tile) => (['row', 'k'] as const).map((along) => mttkrpDenseShared.source({ tile, along }))),
  },
  single(khatriRao),
  single(finishMode),
  {
    name: contractSymmetric.name,
    sources: (subgroups) =>
      symmetricOrders.flatMap((order) => tiles(subgroups).map((tile) => contractSymmetric.source({ order, tile }))),
  },
  {
    name: symmetricMultisets.name,
    sources: () => symmetricOrders.map((order) => symmetricMultisets.source({ order })),
  },
  { name: multisetProducts.name, sources: () => [4, 6, 8].map((order) => multisetProducts.source({ order })) },
  {
    name: contractSymmetricHeld.name,
    sources: (subgroups) =>
      subgroups
        ? symmetricOrders.flatMap((order) =>
            [1, 20, 32].map((width) => contractSymmetricHeld.source({ order, columns: heldTile(width).columns })),
          )
        : [],
  },
  {
    name: contractSymmetricShared.name,
    // Compiling one takes a software adapter seconds.
    sources: () =>
      [
        { order: 2, tile: { size: 32 } as const },
        { order: 3, tile: { size: 64 } as const },
        { order: 8, tile: { size: 32 } as const },
      ].map((variant) => contractSymmetricShared.source(variant)),
  },
  single(rowStrengths),
  single(subtractGaussian),
  { name: measureDense.name, sources: () => ([1, 4, 8] as const).map((items) => measureDense.source({ items })) },
  { name: measureAdjoint.name, sources: () => ([1, 4, 8] as const).map((items) => measureAdjoint.source({ items })) },
  single(multiplyProducts),
  single(sumGroups),
  single(transpose),
  {
    name: predictObserved.name,
    sources: (subgroups) =>
      [2, 3, 16].flatMap((order) =>
        (subgroups ? ([1, 4] as const) : ([1] as const)).flatMap((lanes) =>
          [false, true].map((weighted) => predictObserved.source({ order, weighted, lanes })),
        ),
      ),
  },
  {
    name: lossObserved.name,
    sources: () =>
      lossNames.flatMap((loss) => [false, true].map((weighted) => lossObserved.source({ loss, weighted }))),
  },
  {
    name: gradientParts.name,
    sources: () =>
      [2, 3, 16].flatMap((order) =>
        ([4, 16] as const).flatMap((lanes) =>
          ([1, 2, 4, 8] as const).map((components) => gradientParts.source({ order, lanes, components })),
        ),
      ),
  },
  single(gradientRows),
  single(meanOfParts),
  {
    name: lossAndGradientParts.name,
    sources: (subgroups) =>
      subgroups
        ? lossNames.flatMap((loss) =>
            [2, 3, 16].flatMap((order) =>
              ([1, 8] as const).map((components) => lossAndGradientParts.source({ order, loss, components })),
            ),
          )
        : [],
  },
  { name: blockProducts.name, sources: () => largeOrderVariants.map((variant) => blockProducts.source(variant)) },
  { name: blockGradients.name, sources: () => largeOrderVariants.map((variant) => blockGradients.source(variant)) },
  single(otherBlocks),
  single(productOfBlocks),
  single(sumOfProducts),
  single(clearSums),
  single(squareRuns),
  single(sumParts),
  single(gramOfVectors),
  single(factorNormalMatrix),
  single(subtractSolution),
  single(setRates),
  single(updatePolar),
  single(unitRows),
  single(shiftRows),
  {
    name: descend.name,
    sources: () =>
      [false, true].flatMap((momentum) =>
        [false, true].map((nonnegative) => descend.source({ momentum, nonnegative })),
      ),
  },
  { name: descendAdam.name, sources: () => [false, true].map((nonnegative) => descendAdam.source({ nonnegative })) },
  single(groupRates),
  single(traceResidual),
  single(recordComponents),
  single(normsOfColumns),
  {
    name: scaleFactorColumns.name,
    sources: () => (['multiply', 'divide'] as const).map((by) => scaleFactorColumns.source({ by })),
  },
];
