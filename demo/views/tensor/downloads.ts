// The result as files: result.json with everything, model.npy with the fitted tensor, or a .zip of result.json, weights.npy and the
// factor matrices, as the command line writes them. Loaded when first asked for.
import { zipSync } from 'fflate';
import { toDense, type Kruskal } from '../../../src/index.js';
import { kruskalToJson, writeNpy } from '../../../src/io/index.js';
import type { Outcome, TensorFacts } from './job.js';

export type FileKind = 'json' | 'npy' | 'zip';

/** Cells up to which the fitted tensor is written out. */
const maxCells = 5e7;

export function fileOf(
  kind: FileKind,
  tensor: TensorFacts,
  outcome: Outcome,
): { name: string; bytes: Uint8Array<ArrayBuffer> } {
  const model: Kruskal = { weights: outcome.weights, factors: outcome.factors };
  switch (kind) {
    case 'json':
      return { name: 'result.json', bytes: jsonOf(tensor, outcome, model) };
    case 'npy':
      if (tensor.cells > maxCells)
        throw new Error('The fitted tensor is too large for a file. Take the .zip, which has its factors.');
      return { name: 'model.npy', bytes: writeNpy({ shape: tensor.shape, data: toDense(model).data }) };
    case 'zip':
      return { name: 'result.zip', bytes: new Uint8Array(zipSync(arraysOf(tensor, outcome, model))) };
    default:
      return kind satisfies never;
  }
}

function arraysOf(tensor: TensorFacts, outcome: Outcome, model: Kruskal): Record<string, Uint8Array> {
  const factors = model.factors.map(({ rows, columns, data }, mode) => [
    `factor-${mode}.npy`,
    writeNpy({ shape: [rows, columns], data }),
  ]);
  return {
    'result.json': jsonOf(tensor, outcome, model),
    'weights.npy': writeNpy({ shape: [model.weights.length], data: model.weights }),
    ...(Object.fromEntries(factors) as Record<string, Uint8Array>),
  };
}

function jsonOf(tensor: TensorFacts, outcome: Outcome, model: Kruskal): Uint8Array<ArrayBuffer> {
  const { title, shape, known, cells, modes } = tensor;
  const { fit, stop, algorithm, seed } = outcome;
  const text = JSON.stringify(
    { input: title, shape, known, cells, modes, algorithm, seed, stop, ...fit, ...kruskalToJson(model) },
    null,
    1,
  );
  return new TextEncoder().encode(`${text}\n`);
}
