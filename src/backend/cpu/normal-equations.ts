// The small systems of alternating least squares. Twin of shaders/normal-equations.wgsl.ts, which states the formulas.
import type { CpuArgs } from './arrays.js';

export function factorNormalMatrix(args: CpuArgs<'factorNormalMatrix'>): void {
  const { order, mode, batch, rank, grams, cholesky } = args;
  const entries = rank * rank;
  for (let b = 0; b < batch; b++) {
    const l = cholesky.subarray(b * entries, (b + 1) * entries).fill(1);
    for (let k = 0; k < order; k++) {
      if (k === mode) continue;
      const base = (k * batch + b) * entries;
      for (let entry = 0; entry < entries; entry++) l[entry]! *= grams[base + entry]!;
    }
    let trace = 0;
    for (let j = 0; j < rank; j++) trace += l[j * rank + j]!;
    const ridge = Math.max((args.ridge * trace) / rank, 1e-300);
    for (let j = 0; j < rank; j++) {
      let pivot = l[j * rank + j]! + ridge;
      for (let k = 0; k < j; k++) pivot -= l[j * rank + k]! ** 2;
      const diagonal = Math.sqrt(Math.max(pivot, ridge));
      l[j * rank + j] = diagonal;
      for (let i = j + 1; i < rank; i++) {
        let sum = l[i * rank + j]!;
        for (let k = 0; k < j; k++) sum -= l[i * rank + k]! * l[j * rank + k]!;
        l[i * rank + j] = sum / diagonal;
      }
    }
  }
}

export function subtractSolution(args: CpuArgs<'subtractSolution'>): void {
  const { batch, rows, rank, cholesky, rightSide, factor } = args;
  for (let b = 0; b < batch; b++) {
    const l = cholesky.subarray(b * rank * rank, (b + 1) * rank * rank);
    for (let i = 0; i < rows; i++) {
      const row = (b * rows + i) * rank;
      for (let j = 0; j < rank; j++) {
        let sum = rightSide[row + j]!;
        for (let k = 0; k < j; k++) sum -= l[j * rank + k]! * rightSide[row + k]!;
        rightSide[row + j] = sum / l[j * rank + j]!;
      }
      for (let j = rank - 1; j >= 0; j--) {
        let sum = rightSide[row + j]!;
        for (let k = j + 1; k < rank; k++) sum -= l[k * rank + j]! * rightSide[row + k]!;
        const solution = sum / l[j * rank + j]!;
        rightSide[row + j] = solution;
        factor[row + j]! -= solution;
      }
    }
  }
}
