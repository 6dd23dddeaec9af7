// Worker threads that compute parts of what one thread was asked for: worker_threads in Node, module workers in a page. Each runs the
// script of src/worker. There are none in a worker, whose page has given it one core, and none where the script is not to be had: in a
// page that forbids workers, and in one whose bundler has put the code elsewhere.
import { dispose } from '../dispose.js';
import { errorOf, type Request, type Response } from '../worker/messages.js';
import { AbortedError } from '../yield.js';

/** What a thread can be asked for (calls.ts). */
export type CallName = 'ready' | 'begin' | 'advance' | 'batch';

export interface Threads extends Disposable {
  readonly count: number;
  /**
   * The answers to a call with each of these arguments: the k-th goes to thread k, and where there are more than threads, the next one to
   * whichever has answered. @throws the error of the first that fails.
   */
  call(name: CallName, args: readonly unknown[]): Promise<unknown[]>;
  /** Asks the threads to end what they are doing, and what they are given from now on, with what they have. */
  abort(): void;
  /** Ends the threads at once, whatever they are doing. */
  close(): void;
}

/** Whether the script was looked for and not found: it will not be found later. */
let isMissing = false;

/** A worker, in Node or in a page. It keeps the process alive only while an answer is awaited. */
interface Thread {
  post(request: Request): void;
  hold(isAwaited: boolean): void;
  end(): void;
}

interface Listener {
  readonly onMessage: (response: Response) => void;
  readonly onFailure: (error: Error) => void;
}

/** What is needed here of a worker in Node. */
interface NodeWorker {
  on(event: 'message', listener: (response: Response) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(request: Request): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/** The modules of Node, also where bundlers for pages would not find them. */
const builtin = <N extends 'node:os' | 'node:worker_threads'>(name: N) => globalThis.process?.getBuiltinModule?.(name);

/** Cores that this process may use. */
export const cores = (): number =>
  builtin('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;

/** Undefined where fewer than two are to be had, or the signal is aborted before they are ready. */
export async function openThreads(count: number, signal: AbortSignal | undefined): Promise<Threads | undefined> {
  const start = starter();
  if (!start || count < 2 || isMissing) return undefined;
  const opened: CallingThread[] = [];
  const close = (): void => opened.forEach((thread) => thread.end());
  const threads: Threads = {
    count,
    async call(name, args) {
      const answers: unknown[] = [];
      let next = 0;
      const answered = async (thread: CallingThread): Promise<void> => {
        for (let k = next++; k < args.length; k = next++) answers[k] = await thread.call(name, args[k]);
      };
      await Promise.all(opened.slice(0, args.length).map(answered));
      return answers;
    },
    abort: () => opened.forEach((thread) => thread.abort()),
    close,
    [dispose]: close,
  };
  try {
    while (opened.length < count) opened.push(calling(start));
    await unlessAborted(threads.call('ready', Array<undefined>(count).fill(undefined)), signal);
    return threads;
  } catch (error) {
    isMissing = !(error instanceof AbortedError);
    close();
    return undefined;
  }
}

/** The outcome of a promise, or at once: @throws AbortedError. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new AbortedError('aborted'));
  });
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

interface CallingThread {
  call(name: CallName, arg: unknown): Promise<unknown>;
  abort(): void;
  end(): void;
}

function calling(start: (listener: Listener) => Thread): CallingThread {
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const settled = (run: number): void => {
    waiting.delete(run);
    thread.hold(waiting.size > 0);
  };
  const thread = start({
    onMessage(response) {
      const call = waiting.get(response.run);
      settled(response.run);
      if ('result' in response) call?.resolve(response.result);
      else if ('error' in response) call?.reject(errorOf(response.error));
    },
    onFailure(error) {
      failure = error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  });
  let count = 0;
  let isAborted = false;
  /** Why there will be no more answers. */
  let failure: Error | undefined;
  return {
    call: (name, arg) =>
      new Promise((resolve, reject) => {
        if (failure) throw failure;
        const run = count++;
        waiting.set(run, { resolve, reject });
        thread.hold(true);
        thread.post({ run, call: name, arg });
        if (isAborted) thread.post({ run, abort: true });
      }),
    abort() {
      isAborted = true;
      for (const run of waiting.keys()) thread.post({ run, abort: true });
    },
    end() {
      waiting.clear();
      thread.end();
    },
  };
}

/** What starts a thread here; undefined where none is to be had, and in workers. */
function starter(): ((listener: Listener) => Thread) | undefined {
  const node = builtin('node:worker_threads');
  if (node) {
    if (!node.isMainThread) return undefined;
    return (listener) => startInNode(new node.Worker(script(), { execArgv: [] }), listener);
  }
  if (typeof Worker === 'undefined' || typeof document === 'undefined') return undefined;
  return (listener) => startInPage(new Worker(script(), { type: 'module' }), listener);
}

/**
 * Beside this module. Bundlers are not to see it: they would build the script into every page that imports decompose, and those before
 * Vite 8 fail at it by default. Of the sources Node cannot read the script itself.
 */
function script(): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? '../node/worker-script.mjs' : '../../worker-script.js', here);
}

function startInNode(worker: NodeWorker, { onMessage, onFailure }: Listener): Thread {
  worker.on('message', onMessage);
  worker.on('error', onFailure);
  worker.on('exit', () => onFailure(new Error('threads: a thread ended before its work was done.')));
  return {
    post(request) {
      worker.postMessage(request);
    },
    hold(isAwaited) {
      if (isAwaited) worker.ref();
      else worker.unref();
    },
    end: () => void worker.terminate(),
  };
}

function startInPage(worker: Worker, { onMessage, onFailure }: Listener): Thread {
  worker.onmessage = ({ data }: MessageEvent<Response>) => onMessage(data);
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(new Error(`threads: a thread failed: ${event.message || 'its script did not load'}.`));
  };
  return {
    post: (request) => worker.postMessage(request),
    hold: () => undefined,
    end: () => worker.terminate(),
  };
}
