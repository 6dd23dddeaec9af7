// Matrix Market's coordinate form (https://math.nist.gov/MatrixMarket/formats.html): comments after %, then rows, columns and number of
// entries, then one entry per line, indices from 1. The worked example of a new format: this file in src/io and a row in
// src/io/formats.ts are all there is to do (new-format.node.test.ts).
import { InputError } from '../../src/errors.js';
import type { Coordinates } from '../../src/io/coordinate-list.js';
import type { Format } from '../../src/io/formats.js';
import { linesOf } from '../../src/io/lines.js';

export function readMtx(bytes: Uint8Array): Coordinates {
  const rows = Array.from(linesOf('readMtx', bytes)).filter((line) => line.trim() !== '' && !line.startsWith('%'));
  const [sizes = [], ...entries] = rows.map((line) => line.trim().split(/\s+/).map(Number));
  const shape = sizes.slice(0, -1);
  if (entries.length !== sizes.at(-1)) {
    throw new InputError(`readMtx: expected ${sizes.at(-1)} entries, got ${entries.length}. Fetch the file again.`);
  }
  return {
    shape,
    indices: Uint32Array.from(entries.flatMap((entry) => entry.slice(0, -1).map((index) => index - 1))),
    values: Float64Array.from(entries, (entry) => entry.at(-1) ?? NaN),
  };
}

export const mtx = { extensions: ['.mtx', '.mtx.gz'], holds: 'entries', read: readMtx } satisfies Format;
