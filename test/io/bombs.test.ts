// Small files that stand for gigabytes, and files in which a bit is wrong: refused before the memory is taken, by what the file says of
// itself or by what came out so far.
import { gzipSync, zipSync, zlibSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { crc32 } from '../../src/io/crc32.js';
import { readCsv, readKruskal, readNpy, readNpz, readPng, readTns, writeNpy } from '../../src/io/index.js';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const joined = (...parts: readonly ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const uint32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return 'taken';
}

test('the checksum is that of the standard', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  expect(crc32(text('6789'), crc32(text('12345')))).toBe(0xcbf43926);
});

describe('gzip', () => {
  const entries = text('1 2 3\n2 1 4\n');

  test('68 MiB of one line in 70 KiB', () => {
    const bomb = gzipSync(new Uint8Array(68 * 2 ** 20).fill('1'.charCodeAt(0)), { level: 1 });
    for (const read of [readTns, readCsv]) {
      expect(refusal(() => read(bomb))).toMatch(
        /expected gzip data that unpack to at most 200 times their size, got \d{8} bytes from \d+\. If they are right, unpack/,
      );
    }
  });

  test('any byte of the data that is wrong', () => {
    const good = gzipSync(entries, { level: 0, mtime: 0 });
    const values = Array.from(readTns(good).values);
    expect(values).toEqual([3, 4]);
    // Behind the header, and that of the block, which says its length twice.
    for (let at = 15; at < good.length; at++) {
      const bad = good.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(
        refusal(() => readTns(bad)),
        `byte ${at}`,
      ).toMatch(/^readTns: expected /);
    }
  });

  test('several members are one text, each with its checksum', () => {
    const first = gzipSync(text('1 2 3\n'));
    const second = gzipSync(text('2 1 4\n'));
    expect(Array.from(readTns(joined(first, second)).values)).toEqual([3, 4]);
    const bad = first.map((byte, i) => (i === first.length - 6 ? byte ^ 1 : byte));
    expect(refusal(() => readTns(joined(bad, second)))).toContain('its checksum is that of other data');
  });

  test.each([2, 5, 18, 19])('%i bytes of one', (length) => {
    expect(refusal(() => readTns(gzipSync(entries).subarray(0, length)))).toMatch(/damaged or cut short|at least one/);
  });
});

test('a line of more than 64 Mi characters', () => {
  const line = new Uint8Array(2 ** 26 + 2 ** 17).fill('1'.charCodeAt(0));
  expect(refusal(() => readTns(line))).toMatch(
    /^readTns: expected lines of at most 67108864 characters, got more on line 1\./,
  );
});

describe('.npy', () => {
  test.each([' ', '(', '{}', '\n'])('a header of 30 MB of %j', (letters) => {
    const length = 30_000_000;
    const file = new Uint8Array(12 + length).fill(letters.charCodeAt(0));
    file.set([0x93, ...text('NUMPY'), 2, 0, ...uint32(length).reverse()]);
    expect(refusal(() => readNpy(file))).toContain('expected a header of at most 65536 bytes, got 30000000');
  });
});

describe('.npz', () => {
  const array = writeNpy({ shape: [4], data: Float64Array.of(1, 2, 3, 4) });

  test('a gigabyte of zeros, by what the archive says', () => {
    // The sizes in the directory, of a file large enough for them: what it would hold is not made here.
    const archive = zipSync({ 'a.npy': array, 'b.txt': [new Uint8Array(2 ** 21), { level: 0 }] });
    const view = new DataView(archive.buffer);
    const directory = view.getUint32(archive.length - 6, true);
    view.setUint32(directory + 20, 2 ** 21, true);
    view.setUint32(directory + 24, 2 ** 30, true);
    expect(refusal(() => readNpz(archive))).toContain(
      'expected an array that unpacks to at most 200 times its size, got 1073741824 bytes from 2097152',
    );
  });

  test.each([0, 6] as const)('a bit of the array that is wrong, at level %i', (level) => {
    const archive = zipSync({ 'a.npy': [array, { level }], 'other.npy': array });
    expect(Array.from(readNpz(archive, 'a').data, Number)).toEqual([1, 2, 3, 4]);
    const begin = 30 + 'a.npy'.length;
    const end = begin + new DataView(archive.buffer).getUint32(18, true);
    let checked = 0;
    for (let at = begin; at < end; at += 7, checked++) {
      const bad = archive.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(
        refusal(() => readNpz(bad, 'a')),
        `byte ${at}`,
      ).toMatch(/^readNpz: expected /);
    }
    expect(checked).toBeGreaterThan(3);
  });
});

describe('.png', () => {
  const chunk = (name: string, data: ArrayLike<number>): Uint8Array => {
    const body = joined(text(name), data);
    return joined(uint32(data.length), body, uint32(crc32(body)));
  };
  const pixel = (...chunks: readonly Uint8Array[]): Uint8Array =>
    joined(
      [0x89, ...text('PNG'), 0x0d, 0x0a, 0x1a, 0x0a],
      chunk('IHDR', [...uint32(1), ...uint32(1), 8, 0, 0, 0, 0]),
      ...chunks,
      chunk('IEND', []),
    );
  const row = zlibSync(Uint8Array.of(0, 7));
  const bomb = zlibSync(new Uint8Array(2 ** 26));

  test('one pixel with 64 MiB of rows', () => {
    expect(refusal(() => readPng(pixel(chunk('IDAT', bomb))))).toMatch(
      /^readPng: expected rows of at most 18 bytes for the size of the picture, got \d+ and more\./,
    );
  });

  test('the rows of a pixel among chunks that unpack to more are read without these', () => {
    const profile = chunk('iCCP', joined(text('x'), [0, 0], bomb));
    expect(Array.from(readPng(pixel(profile, chunk('IDAT', row))).data)).toEqual([7]);
  });
});

test.each(Object.entries({ readCsv, readKruskal, readNpy, readNpz, readPng, readTns }))(
  '%s takes bytes alone',
  (who, read) => {
    for (const given of [undefined, null, 3, 1e12, {}, [1], new Date(0), Symbol('s')]) {
      expect(refusal(() => read(given as never))).toMatch(new RegExp(`^${who}: expected the file to be `));
    }
  },
);
