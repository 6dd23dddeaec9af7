// Whether two components of a fitted model are a matrix together, and what is said then.
import { matrixPair } from '../analysis/matrix-pair.js';
import { denseNorm } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { arrange, normalize } from '../tensor/normalize.js';
import { knownCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { matrixPairAdvice } from './dense-advice.js';

/** Undefined where no two are; components are numbered in the order that results have. */
export function doubtOfPair(
  target: PartlyKnownTensor,
  { kruskal, relativeError }: { readonly kruskal: Kruskal; readonly relativeError: number },
): string | undefined {
  const variance = (relativeError * denseNorm(target)) ** 2 / knownCells(target);
  const pair = matrixPair(arrange(normalize(kruskal)), variance);
  return pair && matrixPairAdvice(pair);
}
