// Observed entries as the float64 finish evaluates them. The Jacobian of entry e has order · rank entries,
//   J[e, (mode, c)] = Π_{k ≠ mode} x[row_k, c]   in the columns of row (e, mode),
// made by prefix and suffix products whenever they are needed: 3 · order · rank multiplications, and no memory but one row's.
// A pass costs count · order · rank · 5 flops or so (`form`: count · (order · rank)²), and sums in the order of the entries.
import type { ObservedTarget } from '../../targets/observed.js';
import { stackRowsSteps } from '../../tensor/coordinate.js';
import { inRanges, type Work } from '../../yield.js';
import type { SampledProducts, SampledView } from './sampled-view.js';

export function observedView({ shape, count, indices, values }: ObservedTarget): SampledView {
  let rows: Uint32Array | undefined;
  function* rowsOf(): Work<Uint32Array> {
    return (rows ??= yield* stackRowsSteps(shape, indices));
  }
  return { shape, count, values, ofRank: (rank) => observedProducts(shape, rowsOf, count, rank) };
}

function observedProducts(
  shape: readonly number[],
  rowsOf: () => Work<Uint32Array>,
  count: number,
  rank: number,
): SampledProducts {
  const order = shape.length;
  const width = order * rank;
  const row = new Float64Array(width);
  const product = new Float64Array(rank);
  const columns = new Uint32Array(width);
  /** Stacked rows of the entries, as of the first `moveTo`. */
  let rows: Uint32Array = columns;
  let x: Float64Array = row;

  /** Leaves the Jacobian of the entry in `row`, and in `product` what each component adds to the prediction. */
  function differentiate(at: number): void {
    product.fill(1);
    for (let k = 0; k < order; k++) {
      const from = rows[at + k]! * rank;
      for (let c = 0; c < rank; c++) {
        row[k * rank + c] = product[c]!;
        product[c]! *= x[from + c]!;
      }
    }
    product.fill(1);
    for (let k = order - 1; k >= 0; k--) {
      const from = rows[at + k]! * rank;
      for (let c = 0; c < rank; c++) {
        row[k * rank + c]! *= product[c]!;
        product[c]! *= x[from + c]!;
      }
    }
  }

  /** row[mode, :] goes into the columns of the entry's row in that mode, scaled. */
  function scatter(at: number, scale: number, out: Float64Array): void {
    for (let k = 0; k < order; k++) {
      const to = rows[at + k]! * rank;
      for (let c = 0; c < rank; c++) out[to + c]! += scale * row[k * rank + c]!;
    }
  }

  function* moveTo(point: Float64Array, out: Float64Array): Work<void> {
    x = point;
    rows = yield* rowsOf();
    yield* inRanges(count, 6 * width, (start, end) => {
      for (let e = start; e < end; e++) {
        const at = e * order;
        product.fill(1);
        for (let k = 0; k < order; k++) {
          const from = rows[at + k]! * rank;
          for (let c = 0; c < rank; c++) product[c]! *= x[from + c]!;
        }
        let sum = 0;
        for (let c = 0; c < rank; c++) sum += product[c]!;
        out[e] = sum;
      }
    });
  }

  function* transposed(given: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 16 * width, (start, end) => {
      for (let e = start; e < end; e++) {
        differentiate(e * order);
        scatter(e * order, given[e]!, out);
      }
    });
  }

  function* curvature(weights: Float64Array, v: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 20 * width, (start, end) => {
      for (let e = start; e < end; e++) {
        const at = e * order;
        differentiate(at);
        let moved = 0;
        for (let k = 0; k < order; k++) {
          const from = rows[at + k]! * rank;
          for (let c = 0; c < rank; c++) moved += row[k * rank + c]! * v[from + c]!;
        }
        scatter(at, weights[e]! * moved, out);
      }
    });
  }

  function* form(weights: Float64Array, out: Float64Array): Work<void> {
    const unknowns = Math.round(Math.sqrt(out.length));
    out.fill(0);
    yield* inRanges(count, 16 * width + 4 * width * width, (start, end) => {
      for (let e = start; e < end; e++) {
        const at = e * order;
        differentiate(at);
        for (let k = 0, n = 0; k < order; k++) {
          const from = rows[at + k]! * rank;
          for (let c = 0; c < rank; c++) columns[n++] = from + c;
        }
        // The rows of later modes come later, so that columns rise and all this is the lower triangle.
        for (let i = 0; i < width; i++) {
          const to = columns[i]! * unknowns;
          const scale = weights[e]! * row[i]!;
          for (let j = 0; j <= i; j++) out[to + columns[j]!]! += scale * row[j]!;
        }
      }
    });
  }

  function* rowBlocks(weights: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 16 * width + 2 * width * rank, (start, end) => {
      for (let e = start; e < end; e++) {
        const at = e * order;
        differentiate(at);
        for (let k = 0; k < order; k++) {
          const block = rows[at + k]! * rank * rank;
          for (let c = 0; c < rank; c++) {
            const scale = weights[e]! * row[k * rank + c]!;
            for (let d = 0; d <= c; d++) out[block + c * rank + d]! += scale * row[k * rank + d]!;
          }
        }
      }
    });
  }

  function* componentGram(weights: Float64Array, out: Float64Array): Work<void> {
    out.fill(0);
    yield* inRanges(count, 16 * width + 2 * rank * rank, (start, end) => {
      for (let e = start; e < end; e++) {
        differentiate(e * order);
        for (let c = 0; c < rank; c++) {
          const scale = weights[e]! * product[c]!;
          for (let d = 0; d < rank; d++) out[c * rank + d]! += scale * product[d]!;
        }
      }
    });
  }

  return { moveTo, transposed, curvature, form, rowBlocks, componentGram };
}
