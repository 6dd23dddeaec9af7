// How far a CP model is from one in which components interact: the core G of the least squares Tucker model on the same factors is
// compared with the superdiagonal that CP assumes. Bro & Kiers, J. Chemometrics 17 (2003):
//   G = X ×₁ A₁⁺ ×₂ A₂⁺ …,   100 · (1 − Σ (G − I)² / R) percent, weights in A₁.
// 100 where the components explain the data one by one, far below 0 where there are too many of them.
import { toDense, type DenseTarget, type Kruskal, type Matrix } from '../../../src/index.js';
import { sizeOf } from '../../arithmetic.js';

/** Percent; undefined where two components are so alike that their factors have no inverse. Cost O(cells · R). */
export function coreConsistency({ shape, data, known }: DenseTarget, model: Kruskal): number | undefined {
  const rank = model.weights.length;
  const fitted = known ? toDense(model).data : undefined;
  // Missing cells: what the model predicts there.
  let core = Float64Array.from(data, (value, at) => (known?.[at] === 0 ? (fitted?.[at] ?? 0) : value));
  let sizes = [...shape];
  for (let mode = 0; mode < shape.length; mode++) {
    const inverse = pseudoinverse(model.factors[mode]!, mode === 0 ? model.weights : undefined);
    if (!inverse) return undefined;
    core = contractFirst(core, sizes, inverse);
    sizes = [...sizes.slice(1), rank];
  }
  const superdiagonal = sizes.reduce((sum) => sum * rank + 1, 0);
  let squares = 0;
  core.forEach((value, at) => {
    const diagonal = at % superdiagonal === 0 ? 1 : 0;
    squares += (value - diagonal) ** 2;
  });
  return 100 * (1 - squares / rank);
}

/** Contracts the first mode with the columns of a matrix [rank, size] and puts the new mode last. */
function contractFirst(
  data: Float64Array,
  [size = 1, ...rest]: readonly number[],
  matrix: Matrix,
): Float64Array<ArrayBuffer> {
  const stride = sizeOf(rest);
  const out = new Float64Array(stride * matrix.rows);
  for (let i = 0; i < size; i++) {
    for (let at = 0; at < stride; at++) {
      const value = data[i * stride + at]!;
      for (let r = 0; r < matrix.rows; r++) out[at * matrix.rows + r]! += matrix.data[r * size + i]! * value;
    }
  }
  return out;
}

/** (AᵀA)⁻¹Aᵀ, [columns, rows]; columns of A are first multiplied by the weights. Gauss and Jordan, with pivots. */
function pseudoinverse({ rows, columns, data }: Matrix, weights?: Float64Array): Matrix | undefined {
  const width = columns + rows;
  const table = new Float64Array(columns * width);
  const entry = (i: number, r: number): number => data[i * columns + r]! * (weights?.[r] ?? 1);
  for (let r = 0; r < columns; r++) {
    for (let i = 0; i < rows; i++) {
      table[r * width + columns + i] = entry(i, r);
      for (let s = 0; s < columns; s++) table[r * width + s]! += entry(i, r) * entry(i, s);
    }
  }
  for (let r = 0; r < columns; r++) {
    const candidates = Array.from({ length: columns - r }, (_, k) => r + k);
    const pivot = candidates.reduce((a, b) =>
      Math.abs(table[b * width + r]!) > Math.abs(table[a * width + r]!) ? b : a,
    );
    const value = table[pivot * width + r]!;
    if (!(Math.abs(value) > 0) || !Number.isFinite(1 / value)) return undefined;
    for (let k = 0; k < width; k++) {
      const moved = table[pivot * width + k]! / value;
      table[pivot * width + k] = table[r * width + k]!;
      table[r * width + k] = moved;
    }
    for (let s = 0; s < columns; s++) {
      const factor = table[s * width + r]!;
      if (s === r || factor === 0) continue;
      for (let k = 0; k < width; k++) table[s * width + k]! -= factor * table[r * width + k]!;
    }
  }
  const inverse = new Float64Array(columns * rows);
  for (let r = 0; r < columns; r++) {
    for (let i = 0; i < rows; i++) inverse[r * rows + i] = table[r * width + columns + i]!;
  }
  return { rows: columns, columns: rows, data: inverse };
}
