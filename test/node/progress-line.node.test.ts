// Progress where nobody watches, as in a pipe or a log: a line every five seconds, none before the first five, none when quiet.
import { afterEach, expect, test, vi } from 'vitest';
import { ProgressLine } from '../../src/node/terminal.js';

afterEach(() => vi.restoreAllMocks());

function linesAt(seconds: readonly number[], quiet: boolean): string[] {
  const lines: string[] = [];
  const stream = { isTTY: false, write: (text: string) => lines.push(text) > 0 } as unknown as NodeJS.WriteStream;
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  const line = new ProgressLine(stream, quiet);
  for (const second of seconds) {
    now.mockReturnValue(1000 * second);
    line.show(`at ${second}`);
  }
  line.clear();
  return lines;
}

test('a line every five seconds', () => {
  expect(linesAt([1, 4, 5, 6, 9.9, 10, 11, 30], false)).toEqual([
    'polyadic: at 5\n',
    'polyadic: at 10\n',
    'polyadic: at 30\n',
  ]);
});

test('none when quiet', () => {
  expect(linesAt([5, 10], true)).toEqual([]);
});
