// Lets timers, messages and abort signals through while work goes on in this thread.

/**
 * Work in pieces of some milliseconds: it yields where others may have a turn, and returns its result. `finished` does it in one go; a
 * generator that does it with `yield*` passes the pauses on.
 */
export type Work<T> = Generator<undefined, T>;

/** The same, or the result where that takes no time. */
export type MaybeWork<T> = T | Work<T>;

/** Flops between two pauses: 1 to 15 ms, by what they are. Counted, so that where work pauses does not depend on a clock. */
export const pauseFlops = 3e6;

let counted = 0;
let pauseAt = pauseFlops;

/**
 * Whether work should pause, after so many flops more: `if (isPauseDue(flops)) yield;`. All work in this thread counts together, so that
 * many small pieces pause as often as a large one.
 */
export function isPauseDue(flops: number): boolean {
  counted += flops;
  if (counted < pauseAt) return false;
  pauseAt = counted + pauseFlops;
  return true;
}

/** All flops that were counted in this thread. */
export const countedFlops = (): number => counted;

/** Pauses without news after which a run repeats its last report: half a second or less. */
export const maxQuietPauses = 50;

/** A loop of `count` turns of so many flops each, in ranges with pauses between them. */
export function* inRanges(count: number, flopsPerTurn: number, visit: (from: number, end: number) => void): Work<void> {
  const turns = Math.max(1, Math.floor(pauseFlops / (4 * flopsPerTurn)));
  for (let from = 0; from < count; from += turns) {
    const end = Math.min(from + turns, count);
    visit(from, end);
    if (isPauseDue(flopsPerTurn * (end - from))) yield;
  }
}

/** Passes on the pauses of what may be work, and returns its result. */
export function* passed<T>(work: MaybeWork<T>): Work<T> {
  return isWork(work) ? yield* work : work;
}

const isWork = <T>(work: MaybeWork<T>): work is Work<T> => typeof work === 'object' && work !== null && 'next' in work;

/** The result of work that is done at once. */
export function finished<T>(work: Generator<unknown, T>): T {
  // Other work in this thread may be waiting.
  const before = awaited;
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (awaited !== before)
      throw new Error('finished: expected work on the CPU alone, got work that waits for a device.');
  }
}

/** What the work that paused last waits for, until somebody takes it up in `yieldIfDue`. */
let awaited: Promise<void> | undefined;

/** The outcome of a promise: whoever drives the work waits for it at the next pause, in `yieldIfDue`. */
export function* waitFor<T>(promise: Promise<T>): Work<T> {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  const settled = promise.then(
    (value) => void (outcome = { value }),
    (error: unknown) => void (outcome = { error }),
  );
  // Other work in this thread may take the turn that was meant for this one, so it may have to ask again.
  while (!outcome) {
    awaited = settled;
    yield;
  }
  const known: NonNullable<typeof outcome> = outcome;
  if ('error' in known) throw known.error;
  return known.value;
}

/** The result of work that lets others have their turn at its pauses. @throws the reason of a signal that is aborted before. */
export async function atLeisure<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = work.next();
    if (done) return value;
    await yieldIfDue();
  }
}

/** The same within a run, which ends without throwing. @throws AbortedError */
export async function untilAborted<T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> {
  for (;;) {
    throwIfAborted(signal);
    const { done, value } = work.next();
    if (done) return value;
    await yieldIfDue();
  }
}

/** Unwinds a run to where it ends as aborted: no caller of the library gets it. */
export class AbortedError extends Error {}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError('aborted');
}

/** Milliseconds of work after which others get their turn. */
const yieldIntervalMs = 4;
let last = 0;

/** Waits for what the work waits for; else for a turn of the event loop, if the last one was longer ago than others should wait. */
export function yieldIfDue(): Promise<void> {
  const promise = awaited;
  awaited = undefined;
  if (promise) return promise;
  return isTurnDue() ? nextTurn() : Promise.resolve();
}

export const isTurnDue = (): boolean => performance.now() - last >= yieldIntervalMs;

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
