// Whether independent parts of a computation are given to worker threads. Small, so that runs that need no threads load no more.
import type { Threads } from './threads.js';

/** What is known of the work, and what was asked for. */
interface SharedWork {
  /** That one thread would take, estimated: by flops, so that it does not depend on the machine. */
  readonly seconds: number;
  /** Memory that a thread needs for what it is sent, and to work on it. */
  readonly bytes: number;
  /** What a thread is sent, but for its large arrays. */
  readonly sent: unknown;
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Threads beyond this number are started only where they are asked for: others need cores too. */
export const maxUsualThreads = 8;
/** So is memory. */
const maxUsualBytes = 2 ** 30;

/**
 * Seconds of work below which it stays in its own thread. Until a thread has started, loaded its code and compiled its loops, it has used
 * 0.3 s; two threads save half of the time of one, which is more than that from 0.7 s on.
 */
const minSeconds = 0.7;

/** One thread or more per part, as many as asked for; undefined where they are not to be had or would not pay. */
export async function threadsFor(parts: number, work: SharedWork): Promise<Threads | undefined> {
  const { seconds, bytes, sent, threads, signal } = work;
  if (parts < 2 || seconds < minSeconds || !fitsMessage(sent)) return undefined;
  // A page of a bundler has no script for threads, and would be told of a missing file: in pages only who asks has threads.
  if (threads === 1 || (threads === undefined && typeof document !== 'undefined')) return undefined;
  const { cores, openThreads } = await import('./threads.js');
  const usual = Math.min(maxUsualThreads, cores(), Math.floor(maxUsualBytes / bytes));
  return openThreads(Math.min(threads ?? usual, parts), signal);
}

/** Whether a message can hold it: no function, and no proxy such as frameworks of pages make of what they are given. */
function fitsMessage(sent: unknown): boolean {
  try {
    structuredClone(sent);
    return true;
  } catch {
    return false;
  }
}

/** Many items in so many pieces of nearly equal size, or in one piece per item where there are fewer items. */
export function inPieces<T>(items: readonly T[], count: number): T[][] {
  const pieces = Math.min(items.length, count);
  const first = (piece: number): number => Math.floor((piece * items.length) / pieces);
  return Array.from({ length: pieces }, (_, piece) => items.slice(first(piece), first(piece + 1)));
}
