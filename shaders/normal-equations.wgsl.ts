// The small systems of alternating least squares, one [rank, rank] matrix per batch item:
//   H = ∘_{k ≠ mode} G_k + ridge · tr(·)/rank · I        (Hadamard product of the other modes' Gram matrices)
// factored as L Lᵀ, then used for every row of the factor: row −= H⁻¹ · rightSide.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/**
 * Cholesky factor of H, one workgroup per batch item, in storage (any rank). A pivot that is not positive is replaced by the
 * ridge, the smallest value that exact arithmetic could give: the step in that direction is then damped, not infinite.
 */
export const factorNormalMatrix = defineKernel({
  name: 'factorNormalMatrix',
  bindings: {
    grams: read('[order, batch, rank, rank]'),
    cholesky: readWrite('[batch, rank, rank], lower triangle'),
  },
  params: { order: 'u32', mode: 'u32', batch: 'u32', rank: 'u32', ridge: 'f32' },
  workgroups: ({ batch }) => batch,
  work: ({ batch, rank }) => batch * rank ** 3,
  body: () => wgsl`
  let item = group;
  if (item >= params.batch) { return; }
  let rank = params.rank;
  let base = item * rank * rank;
  for (var entry = lane; entry < rank * rank; entry += workgroupSize) {
    var product = 1f;
    for (var k = 0u; k < params.order; k++) {
      if (k != params.mode) { product *= grams[(k * params.batch * rank * rank) + base + entry]; }
    }
    cholesky[base + entry] = product;
  }
  storageBarrier();
  var trace = 0f;
  for (var j = 0u; j < rank; j++) { trace += cholesky[base + j * rank + j]; }
  let ridge = max(params.ridge * trace / f32(rank), 1e-30);
  storageBarrier();
  for (var j = 0u; j < rank; j++) {
    if (lane == 0u) {
      var pivot = cholesky[base + j * rank + j] + ridge;
      for (var k = 0u; k < j; k++) { let l = cholesky[base + j * rank + k]; pivot -= l * l; }
      cholesky[base + j * rank + j] = sqrt(max(pivot, ridge));
    }
    storageBarrier();
    let diagonal = cholesky[base + j * rank + j];
    for (var i = j + 1u + lane; i < rank; i += workgroupSize) {
      var sum = cholesky[base + i * rank + j];
      for (var k = 0u; k < j; k++) { sum -= cholesky[base + i * rank + k] * cholesky[base + j * rank + k]; }
      cholesky[base + i * rank + j] = sum / diagonal;
    }
    storageBarrier();
  }`,
});

/** factor[row] −= (L Lᵀ)⁻¹ · rightSide[row]; one invocation per row, which solves in place in rightSide. */
export const subtractSolution = defineKernel({
  name: 'subtractSolution',
  bindings: {
    cholesky: read('[batch, rank, rank], lower triangle'),
    rightSide: readWrite('[batch, rows, rank], overwritten'),
    factor: readWrite('[batch, rows, rank]'),
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, rank }) => 2 * batch * rows * rank * rank,
  body: () => wgsl`
  let rank = params.rank;
  let matrix = (index / params.rows) * rank * rank;
  let row = index * rank;
  for (var j = 0u; j < rank; j++) {
    var sum = rightSide[row + j];
    for (var k = 0u; k < j; k++) { sum -= cholesky[matrix + j * rank + k] * rightSide[row + k]; }
    rightSide[row + j] = sum / cholesky[matrix + j * rank + j];
  }
  for (var back = 0u; back < rank; back++) {
    let j = rank - 1u - back;
    var sum = rightSide[row + j];
    for (var k = j + 1u; k < rank; k++) { sum -= cholesky[matrix + k * rank + j] * rightSide[row + k]; }
    let solution = sum / cholesky[matrix + j * rank + j];
    rightSide[row + j] = solution;
    factor[row + j] -= solution;
  }`,
});
