// Lets timers, messages and abort signals through while work goes on in this thread.

/**
 * Work in pieces of about 10 ms: it yields where others may have a turn, and returns its result. `finished` does it in one go; a
 * generator that does it with `yield*` passes the pauses on.
 */
export type Work<T> = Generator<undefined, T>;

/** Flops between two pauses, a few milliseconds. Counted, so that results do not depend on a clock. */
export const pauseFlops = 1e7;

/** The result of work that is done at once. */
export function finished<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Milliseconds of work after which others get their turn. */
const yieldIntervalMs = 4;
let last = 0;

/** Waits for a turn of the event loop, if the last one was longer ago than others should wait. */
export function yieldIfDue(): Promise<void> {
  return performance.now() - last < yieldIntervalMs ? Promise.resolve() : nextTurn();
}

/** A turn of the event loop. Timers would do, but browsers let them wait 4 ms, and Node 1. */
async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
  last = performance.now();
}
