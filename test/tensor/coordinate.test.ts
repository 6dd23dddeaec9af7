// Segments of coordinates: every entry once a mode, under its own row, in parts of bounded length.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modeOffsets, segmentEntries } from '../../src/tensor/coordinate.js';
import '../support/arbitraries.js';

const problems = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    list: fc.array(fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size - 1 }))), { maxLength: 40 }),
    skipped: fc.integer({ min: 0, max: 10 }),
    partLength: fc.integer({ min: 1, max: 7 }),
  }),
);

test('each entry of the range stands once in each mode, in a part of its own row', () => {
  fc.assert(
    fc.property(problems, ({ shape, list, skipped, partLength }) => {
      const indices = Uint32Array.from(list.flat());
      const first = Math.min(skipped, list.length);
      const count = list.length - first;
      const { entries, parts, rowParts, offsets } = segmentEntries(shape, indices, { first, count }, partLength);
      expect(offsets).toEqual(modeOffsets(shape));
      expect(rowParts.at(-1)).toBe(parts.length / 3);
      shape.forEach((size, mode) => {
        const seen: number[] = [];
        for (let i = 0; i < size; i++) {
          const row = offsets[mode]! + i;
          const inRow: number[] = [];
          for (let part = rowParts[row]!; part < rowParts[row + 1]!; part++) {
            const inPart = entries.slice(parts[3 * part], parts[3 * part + 1]);
            expect(parts[3 * part + 2]).toBe(mode);
            expect(inPart.length).toBeGreaterThan(0);
            expect(inPart.length).toBeLessThanOrEqual(partLength);
            inRow.push(...inPart);
          }
          expect(inRow).toEqual([...inRow].sort((a, b) => a - b));
          expect(inRow.every((e) => list[first + e]![mode] === i)).toBe(true);
          seen.push(...inRow);
        }
        expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, e) => e));
      });
    }),
  );
});
