// Work that waits for a promise beside work that does not: whoever drives it waits, and nobody else is stopped by that.
import { expect, test } from 'vitest';
import { atLeisure, finished, waitFor, type Work } from '../src/yield.js';

function* counting(): Work<number> {
  yield;
  yield;
  return 3;
}

test('the outcome of a promise, or its error', async () => {
  const later = new Promise<string>((resolve) => setTimeout(() => resolve('there'), 1));
  expect(await atLeisure(waitFor(later))).toBe('there');
  await expect(atLeisure(waitFor(Promise.reject(new RangeError('none'))))).rejects.toThrow('none');
});

test('work that waits cannot be done at once, and other work can while it waits', async () => {
  let settle = (_: number): void => undefined;
  const waiting = waitFor(new Promise<number>((resolve) => (settle = resolve)));
  waiting.next();
  expect(finished(counting())).toBe(3);
  expect(() => finished(waitFor(Promise.resolve(1)))).toThrow('waits for a device');
  settle(5);
  expect(await atLeisure(waiting)).toBe(5);
});
