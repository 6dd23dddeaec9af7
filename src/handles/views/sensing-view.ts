// Linear measurements as the float64 finish evaluates them: prediction j is ⟨A_j, model⟩, and its derivative by the factors of
// one mode is the MTTKRP of A_j; for A_j of rank one, a¹ ∘ a² ∘ …,
//   J[j, (row i of mode, c)] = a^mode[i] · Π_{k ≠ mode} ⟨a^k, x^k[:, c]⟩.
// Every measurement sees every row, so J is dense, [count, unknowns], and formed at every point: meant for problems of up to
// some thousand unknowns.
import type { DenseMeasurements, KruskalMeasurements, SensingTarget } from '../../targets/sensing.js';
import { modeOffsets } from '../../tensor/coordinate.js';
import { mttkrpAllSteps } from '../../tensor/cp-products.js';
import { sizeOf } from '../../tensor/shape.js';
import { inRanges, type Work } from '../../yield.js';
import type { SampledProducts, SampledView } from './sampled-view.js';

export function sensingView(target: SensingTarget): SampledView {
  const { shape, count, values } = target;
  return { shape, count, values, ofRank: (rank) => sensingProducts(target, rank) };
}

function sensingProducts({ shape, count, measurements }: SensingTarget, rank: number): SampledProducts {
  const rows = shape.reduce((sum, size) => sum + size, 0);
  const unknowns = rows * rank;
  const jacobian = new Float64Array(count * unknowns);
  const differentiate =
    measurements.kind === 'dense'
      ? denseJacobian(shape, rank, measurements, jacobian)
      : kruskalJacobian(shape, rank, measurements, jacobian);
  const firstRows = shape[0]! * rank;
  const product = new Float64Array(rank);
  let x: Float64Array = product;

  /** What each component adds to a prediction: the model is linear in the factor of the first mode. */
  function contribute(at: number): void {
    product.fill(0);
    for (let n = 0; n < firstRows; n++) product[n % rank]! += x[n]! * jacobian[at + n]!;
  }

  function* moveTo(point: Float64Array, out: Float64Array): Work<void> {
    x = point;
    yield* differentiate(x);
    yield* inRanges(count, 2 * firstRows, (start, end) => {
      for (let j = start; j < end; j++) {
        contribute(j * unknowns);
        let sum = 0;
        for (let c = 0; c < rank; c++) sum += product[c]!;
        out[j] = sum;
      }
    });
  }

  function* transposed(given: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 2 * unknowns, (start, end) => {
      for (let j = start; j < end; j++) addRow(j * unknowns, given[j]!, out);
    });
  }

  function* curvature(weights: Float64Array, v: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 4 * unknowns, (start, end) => {
      for (let j = start; j < end; j++) {
        const at = j * unknowns;
        let moved = 0;
        for (let n = 0; n < unknowns; n++) moved += jacobian[at + n]! * v[n]!;
        addRow(at, weights[j]! * moved, out);
      }
    });
  }

  /** out += scale · (row of J that begins at `at`) */
  function addRow(at: number, scale: number, out: Float64Array): void {
    for (let n = 0; n < unknowns; n++) out[n]! += scale * jacobian[at + n]!;
  }

  function* form(weights: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, unknowns * unknowns, (start, end) => {
      for (let j = start; j < end; j++) {
        const at = j * unknowns;
        for (let m = 0; m < unknowns; m++) {
          const scale = weights[j]! * jacobian[at + m]!;
          for (let n = 0; n <= m; n++) out[m * unknowns + n]! += scale * jacobian[at + n]!;
        }
      }
    });
  }

  function* rowBlocks(weights: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, unknowns * rank, (start, end) => {
      for (let j = start; j < end; j++) {
        for (let row = 0; row < rows; row++) {
          const at = j * unknowns + row * rank;
          const block = row * rank * rank;
          for (let c = 0; c < rank; c++) {
            const scale = weights[j]! * jacobian[at + c]!;
            for (let d = 0; d <= c; d++) out[block + c * rank + d]! += scale * jacobian[at + d]!;
          }
        }
      }
    });
  }

  function* componentGram(weights: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 2 * firstRows + 2 * rank * rank, (start, end) => {
      for (let j = start; j < end; j++) {
        contribute(j * unknowns);
        for (let c = 0; c < rank; c++) {
          const scale = weights[j]! * product[c]!;
          for (let d = 0; d < rank; d++) out[c * rank + d]! += scale * product[d]!;
        }
      }
    });
  }

  return { moveTo, transposed, curvature, form, rowBlocks, componentGram };
}

/** Fills J at x: all MTTKRPs of every measurement, 4 · count · size · rank flops. */
function denseJacobian(
  shape: readonly number[],
  rank: number,
  { data }: DenseMeasurements,
  jacobian: Float64Array,
): (x: Float64Array) => Work<void> {
  const offsets = modeOffsets(shape);
  const unknowns = offsets[shape.length]! * rank;
  const size = sizeOf(shape);
  const blocks = (of: Float64Array, start: number): Float64Array[] =>
    shape.map((_, k) => of.subarray(start + offsets[k]! * rank, start + offsets[k + 1]! * rank));
  const outs = Array.from({ length: data.length / size }, (_, j) => blocks(jacobian, j * unknowns));
  return function* (x) {
    const factors = blocks(x, 0);
    for (const [j, out] of outs.entries()) {
      yield* mttkrpAllSteps(shape, rank, factors, data.subarray(j * size, (j + 1) * size), out);
    }
  };
}

/** Fills J at x by the formula on top, 4 · count · terms · rows · rank flops. */
function kruskalJacobian(
  shape: readonly number[],
  rank: number,
  { terms, weights, factors }: KruskalMeasurements,
  jacobian: Float64Array,
): (x: Float64Array) => Work<void> {
  const order = shape.length;
  const offsets = modeOffsets(shape);
  const unknowns = offsets[order]! * rank;
  const inner = new Float64Array(order * rank);
  const others = new Float64Array(rank);
  return function* (x) {
    jacobian.fill(0);
    yield* inRanges(weights.length, 4 * unknowns, (begin, end) => {
      for (let term = begin; term < end; term++) {
        inner.fill(0);
        for (let k = 0; k < order; k++) {
          const a = factors[k]!.data;
          const from = term * shape[k]!;
          for (let i = 0; i < shape[k]!; i++) {
            const row = (offsets[k]! + i) * rank;
            for (let c = 0; c < rank; c++) inner[k * rank + c]! += a[from + i]! * x[row + c]!;
          }
        }
        const start = Math.floor(term / terms) * unknowns;
        for (let k = 0; k < order; k++) {
          others.fill(weights[term]!);
          for (let m = 0; m < order; m++) {
            if (m !== k) for (let c = 0; c < rank; c++) others[c]! *= inner[m * rank + c]!;
          }
          const a = factors[k]!.data;
          const from = term * shape[k]!;
          for (let i = 0; i < shape[k]!; i++) {
            const to = start + (offsets[k]! + i) * rank;
            for (let c = 0; c < rank; c++) jacobian[to + c]! += a[from + i]! * others[c]!;
          }
        }
      }
    });
  };
}
