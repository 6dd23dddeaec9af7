// Dawn in Node asks in every turn of the event loop whether the device has finished, and so keeps a core busy with waiting. A
// software adapter needs that core for the work itself. While something is awaited here, the thread sleeps between two turns.
import { gpuOfPage } from './gpu.js';

/** Far below the times between yields (src/yield.ts), because everything else in this thread waits as long. */
const restMilliseconds = 0.2;
/** Turns without a rest, so that what the device finishes at once is not delayed. */
const turnsBeforeRest = 8;

/** A GPU object of the page's own, as Electron has it, does not poll. */
const isDawnInNode =
  typeof process !== 'undefined' && process.versions?.node !== undefined && gpuOfPage() === undefined;

let awaited = 0;
let turns = 0;
let isTurning = false;

/** A promise of the device, awaited without keeping a core busy. In a browser the promise itself. */
export function resting<T>(promise: Promise<T>): Promise<T> {
  if (!isDawnInNode) return promise;
  awaited++;
  turns = 0;
  if (!isTurning) setImmediate(turn);
  isTurning = true;
  return promise.finally(() => awaited--);
}

function turn(): void {
  isTurning = awaited > 0;
  if (!isTurning) return;
  if (++turns > turnsBeforeRest) sleep();
  setImmediate(turn);
}

/** Nobody writes to the cell: the wait for it ends by its time. */
function sleep(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, restMilliseconds);
}
