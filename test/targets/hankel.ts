// T[i_1, …, i_l] = s[i_1 + … + i_l]: a signal s(t) = Σ_r c_r z_r^t of damped exponentials is the symmetric tensor Σ_r c_r u_r^{⊗l},
// u_r = (1, z_r, z_r², …). The worked example of a new kind of target. In src the first half of this file is src/targets/hankel.ts, with a
// place in the union of target.ts and an export of src/index.ts, the second half src/handles/hankel.ts, with a row in problem.ts: five
// files (new-kind.node.test.ts).
import { denseSymmetricView } from '../../src/handles/views/dense-symmetric-view.js';
import { largestEntry, powerOfTwoBelow } from '../../src/handles/scale.js';
import {
  expectedComponents,
  packedFlops,
  symmetricProblem,
  type SymmetricProblem,
} from '../../src/handles/symmetric.js';
import { denseSymmetric } from '../../src/targets/dense-symmetric.js';
import { forEachPacked, packedLength } from '../../src/tensor/symmetric.js';

export interface HankelTarget {
  readonly kind: 'hankel';
  readonly order: number;
  readonly dim: number;
  /** `[order · (dim − 1) + 1]` */
  readonly signal: Float64Array;
}

export const hankel = (order: number, signal: Float64Array): HankelTarget => ({
  kind: 'hankel',
  order,
  dim: Math.floor((signal.length - 1) / order) + 1,
  signal,
});

// A handle is for a kind of the union; in the source this is one.
export function hankelProblem(target: HankelTarget): SymmetricProblem<never> {
  const { order, dim, signal } = target;
  const largest = largestEntry(signal);
  return symmetricProblem({
    target: target as never,
    isZero: largest === 0,
    scale: powerOfTwoBelow(largest),
    makeView: () => denseSymmetricView(denseSymmetric(order, dim, entriesOf(target))),
    expectedRank: expectedComponents(dim),
    stepFlops: (width) => packedFlops(order, dim, width),
    scaled: (factor) => hankelProblem({ ...target, signal: signal.map((value) => value * factor) }),
  });
}

function entriesOf({ order, dim, signal }: HankelTarget): Float64Array {
  const data = new Float64Array(packedLength(order, dim));
  forEachPacked(order, dim, (index, offset) => {
    data[offset] = signal[index.reduce((sum, i) => sum + i, 0)]!;
  });
  return data;
}
