// PNG files: every color type and depth, made here by hand, reads as the numbers in it; what is written is read.
import fc from 'fast-check';
import { decode } from 'fast-png';
import { zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readPng, writePng } from '../../src/io/index.js';
import '../support/arbitraries.js';

interface Header {
  width: number;
  height: number;
  depth: 1 | 2 | 4 | 8 | 16;
  /** 0 gray, 2 colors, 3 palette, 4 gray with alpha, 6 colors with alpha. */
  type: 0 | 2 | 3 | 4 | 6;
}

/** A file of rows as they are stored, without filters. https://www.w3.org/TR/png/#5DataRep */
function png(
  { width, height, depth, type }: Header,
  rows: number[][],
  palette?: number[],
  alpha?: number[],
): Uint8Array {
  const header = [...uint32(width), ...uint32(height), depth, type, 0, 0, 0];
  const data = zlibSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])));
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk('IHDR', header),
    ...(palette ? chunk('PLTE', palette) : []),
    ...(alpha ? chunk('tRNS', alpha) : []),
    ...chunk('IDAT', Array.from(data)),
    ...chunk('IEND', []),
  ]);
}

const uint32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function chunk(name: string, data: number[]): number[] {
  const body = [...Array.from(name, (letter) => letter.charCodeAt(0)), ...data];
  return [...uint32(data.length), ...body, ...uint32(crc(body))];
}

/** CRC-32 of ISO 3309. */
function crc(bytes: number[]): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

const read = (file: Uint8Array) => {
  const { shape, data, notices } = readPng(file);
  return { shape, data: Array.from(data), notices: notices.length };
};
const size = { width: 2, height: 2 };

describe('readPng', () => {
  it.each<[string, Uint8Array, ReturnType<typeof read>]>([
    [
      'gray',
      png({ ...size, depth: 8, type: 0 }, [
        [0, 7],
        [200, 255],
      ]),
      { shape: [2, 2, 1], data: [0, 7, 200, 255], notices: 0 },
    ],
    [
      'gray with a bit a pixel',
      png({ width: 9, height: 2, depth: 1, type: 0 }, [
        [0b10100000, 0b10000000],
        [0, 0b10000000],
      ]),
      { shape: [2, 9, 1], data: [255, 0, 255, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 255], notices: 0 },
    ],
    [
      'gray with 2 bits',
      png({ width: 3, height: 1, depth: 2, type: 0 }, [[0b00011100]]),
      { shape: [1, 3, 1], data: [0, 85, 255], notices: 0 },
    ],
    [
      'gray with 4 bits',
      png({ width: 3, height: 1, depth: 4, type: 0 }, [[0x1f, 0x80]]),
      { shape: [1, 3, 1], data: [17, 255, 136], notices: 0 },
    ],
    [
      'gray with 16 bits',
      png({ width: 3, height: 1, depth: 16, type: 0 }, [[0, 0, 0x80, 0x80, 0xff, 0xff]]),
      { shape: [1, 3, 1], data: [0, 128, 255], notices: 0 },
    ],
    [
      'colors',
      png({ ...size, depth: 8, type: 2 }, [
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 11, 255],
      ]),
      { shape: [2, 2, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255], notices: 0 },
    ],
    [
      'colors with alpha',
      png({ width: 1, height: 1, depth: 8, type: 6 }, [[9, 8, 7, 0]]),
      { shape: [1, 1, 3], data: [9, 8, 7], notices: 1 },
    ],
    [
      'gray with alpha',
      png({ width: 1, height: 1, depth: 8, type: 4 }, [[9, 128]]),
      { shape: [1, 1, 1], data: [9], notices: 1 },
    ],
    [
      'a palette of 2 bits',
      png({ width: 3, height: 1, depth: 2, type: 3 }, [[0b10_00_01_00]], [10, 20, 30, 40, 50, 60, 70, 80, 90]),
      { shape: [1, 3, 3], data: [70, 80, 90, 10, 20, 30, 40, 50, 60], notices: 0 },
    ],
    [
      'a palette with alpha',
      png({ width: 2, height: 1, depth: 8, type: 3 }, [[1, 0]], [10, 20, 30, 40, 50, 60], [0]),
      { shape: [1, 2, 3], data: [40, 50, 60, 10, 20, 30], notices: 1 },
    ],
    [
      'one color that is transparent',
      png({ width: 1, height: 1, depth: 8, type: 0 }, [[5]], undefined, [0, 5]),
      { shape: [1, 1, 1], data: [5], notices: 1 },
    ],
  ])('%s', (_, file, expected) => {
    expect(read(file)).toEqual({
      ...expected,
      data: expected.data.map((value) => expect.closeTo(value, 10) as number),
    });
  });

  const good = png({ ...size, depth: 8, type: 0 }, [
    [0, 7],
    [200, 255],
  ]);
  const damaged = (at: number): Uint8Array => good.map((byte, i) => (i === at ? byte ^ 0x55 : byte));
  const large = (width: number): Uint8Array =>
    Uint8Array.from([...good.subarray(0, 16), ...uint32(width), ...good.subarray(20)]);

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /expected a PNG file, got 0 bytes that are not/],
    ['text', new TextEncoder().encode('this is a text of more than thirty-three bytes'), /got 46 bytes that are not/],
    ['a file cut short', good.subarray(0, good.length - 20), /damaged/],
    ['a damaged row', damaged(45), /damaged/],
    ['a damaged header', damaged(24), /damaged/],
    ['another width', large(3), /damaged/],
    ['a size beyond memory', large(2 ** 31), /1 to \d+ pixels, got 2147483648 × 2/],
    ['no pixels', large(0), /1 to \d+ pixels, got 0 × 2/],
    [
      'a color that the palette lacks',
      png({ width: 1, height: 1, depth: 8, type: 3 }, [[3]], [1, 2, 3]),
      /colors of the palette/,
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => readPng(file)).toThrow(InputError);
    expect(() => readPng(file)).toThrow(message);
  });

  it('gives a picture or an InputError, whatever byte is wrong', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        try {
          expect(readPng(good.map((byte, i) => (i === at ? byte ^ flip : byte))).data.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});

describe('writePng', () => {
  const pictures = fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.constantFrom(1, 3))
    .chain((shape) => {
      const count = shape.reduce((product, one) => product * one, 1);
      return fc.array(fc.nat(255), { minLength: count, maxLength: count }).map((data) => ({ shape, data }));
    });

  it('writes what readPng reads', () => {
    fc.assert(
      fc.property(pictures, ({ shape, data }) => {
        expect(read(writePng({ shape, data: Float64Array.from(data) }))).toEqual({ shape, data, notices: 0 });
      }),
    );
  });

  it('rounds, and clamps what is too dark or too bright', () => {
    const data = Float64Array.of(-5, 0.4, 99.6, 300, 254.5001, 1e9);
    expect(read(writePng({ shape: [1, 2, 3], data })).data).toEqual([0, 0, 100, 255, 255, 255]);
  });

  it.each([[[2, 2]], [[2, 2, 2]], [[1, 1, 3]]])('refuses shape %j of four numbers', (shape) => {
    expect(() => writePng({ shape, data: new Float64Array(4) })).toThrow(
      /expected (numbers of shape \[height, width, 1 or 3\]|\d numbers for shape)/,
    );
  });
});

// https://www.w3.org/TR/png/#9Filter-types and #8InterlaceMethods, forwards.
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function filtered(rows: number[][], filters: readonly number[], pixel: number): number[] {
  return rows.flatMap((row, y) => {
    const filter = filters[y % filters.length]!;
    const before = rows[y - 1] ?? [];
    const bytes = row.map((byte, k) => {
      const left = row[k - pixel] ?? 0;
      const up = before[k] ?? 0;
      const corner = k < pixel ? 0 : (before[k - pixel] ?? 0);
      const nearest = [left, up, corner].sort(
        (a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b),
      );
      return (byte - [0, left, up, (left + up) >> 1, nearest[0]!][filter]!) & 255;
    });
    return [filter, ...bytes];
  });
}

describe('filters and passes', () => {
  const cases = fc.record({
    width: fc.integer({ min: 1, max: 11 }),
    height: fc.integer({ min: 1, max: 11 }),
    isColor: fc.boolean(),
    isInterlaced: fc.boolean(),
    filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
    seed: fc.integer({ min: 1, max: 9999 }),
  });
  it('read as the pixels that were filtered', () => {
    fc.assert(
      fc.property(cases, ({ width, height, isColor, isInterlaced, filters, seed }) => {
        const channels = isColor ? 3 : 1;
        const at = (x: number, y: number): number[] =>
          Array.from({ length: channels }, (_, c) => (seed * (7 * x + 13 * y + 29 * c + 1) + x * y) & 255);
        const passes = isInterlaced ? adam7 : ([[0, 0, 1, 1]] as const);
        const rows = passes.flatMap(([x0, y0, dx, dy]) => {
          const lines: number[][] = [];
          for (let y = y0; y < height; y += dy) {
            const line: number[] = [];
            for (let x = x0; x < width; x += dx) line.push(...at(x, y));
            if (line.length > 0) lines.push(line);
          }
          return filtered(lines, filters, channels);
        });
        const header = [...uint32(width), ...uint32(height), 8, isColor ? 2 : 0, 0, 0, isInterlaced ? 1 : 0];
        const file = Uint8Array.from([
          ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
          ...chunk('IHDR', header),
          ...chunk('IDAT', Array.from(zlibSync(Uint8Array.from(rows)))),
          ...chunk('IEND', []),
        ]);
        const pixels = Array.from({ length: height * width }, (_, k) => at(k % width, Math.floor(k / width))).flat();
        expect(Array.from(readPng(file).data)).toEqual(pixels);
      }),
    );
  });

  it('what writePng writes, an independent decoder reads', () => {
    const data = Float64Array.from({ length: 5 * 4 * 3 }, (_, k) => (37 * k) % 256);
    const { width, height, channels, data: read } = decode(writePng({ shape: [5, 4, 3], data }), { checkCrc: true });
    expect({ width, height, channels }).toEqual({ width: 4, height: 5, channels: 3 });
    expect(Array.from(read)).toEqual(Array.from(data));
  });
});
