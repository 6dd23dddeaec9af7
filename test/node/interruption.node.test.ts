// Ctrl-C: the first one aborts the signal, an echo of it is ignored, and after that the system is in charge again.
import { expect, test, vi } from 'vitest';
import { dispose } from '../../src/dispose.js';
import { listenForInterruption } from '../../src/node/interruption.js';

test('the first one aborts, and half a second later nobody listens any more', ({ onTestFinished }) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const before = process.listenerCount('SIGINT');
  let calls = 0;
  const interruption = listenForInterruption(() => calls++);
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  process.emit('SIGINT');
  process.emit('SIGINT');
  expect([interruption.signal.aborted, calls, process.listenerCount('SIGINT')]).toEqual([true, 1, before + 1]);
  vi.advanceTimersByTime(499);
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  vi.advanceTimersByTime(1);
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('stops listening when the run is over', () => {
  const before = process.listenerCount('SIGINT');
  const interruption = listenForInterruption(() => undefined);
  interruption[dispose]();
  expect([interruption.signal.aborted, process.listenerCount('SIGINT')]).toEqual([false, before]);
});
