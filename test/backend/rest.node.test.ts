// Waiting for a device leaves the processor to others: the thread sleeps between two turns of the event loop, from the ninth on.
import { expect, test, vi } from 'vitest';
import { resting } from '../../src/backend/webgpu/rest.js';

const turns = async (count: number): Promise<void> => {
  for (let k = 0; k < count; k++) await new Promise(setImmediate);
};

test('sleeps while a promise is pending, not in the first turns, and not once it is settled', async ({
  onTestFinished,
}) => {
  const sleep = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => sleep.mockRestore());
  let settle = (_: string): void => undefined;
  const pending = resting(new Promise<string>((resolve) => (settle = resolve)));
  await turns(7);
  expect(sleep).not.toHaveBeenCalled();
  await turns(20);
  expect(sleep.mock.calls.length).toBeGreaterThan(10);
  settle('done');
  expect(await pending).toBe('done');
  await turns(2);
  sleep.mockClear();
  await turns(20);
  expect(sleep).not.toHaveBeenCalled();
});

test('passes on what went wrong', async () => {
  await expect(resting(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
});
