import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/io/index.js';

describe('readNpy of a Node Buffer, whose slice() shares memory', () => {
  it.each([
    ['<', [1, 2, 3]],
    ['>', [1, 2, 3]],
  ])('reads byte order %s and leaves the buffer alone', (order, values) => {
    const bytes = Buffer.from(writeNpy({ shape: [3], data: Float64Array.from(values) }));
    if (order === '>') {
      bytes.write('>', bytes.indexOf('<'));
      bytes.subarray(-24).swap64();
    }
    const before = Uint8Array.from(bytes);
    expect(Array.from(readNpy(bytes).data as Float64Array)).toEqual(values);
    expect(Uint8Array.from(bytes)).toEqual(before);
  });
});
