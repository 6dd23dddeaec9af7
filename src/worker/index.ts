// decompose() in a worker, with the same options, reports and result: `import { openWorker } from 'polyadic/worker'`. The page only
// waits; what is computed, on the CPU or on WebGPU, is computed in the worker.
import { dispose } from '../dispose.js';
import { InputError } from '../errors.js';
import { isRecord, shown } from '../names.js';
import type { DecomposeOptions } from '../options.js';
import type { Decomposition } from '../result.js';
import type { KruskalOf, Target } from '../targets/target.js';
import { targetOf } from '../targets/target-of.js';
import type { TensorLike } from '../targets/tensor-like.js';
import { errorOf, type Request, type Response, type WorkerOptions } from './messages.js';

export type { WorkerOptions } from './messages.js';

export interface DecomposeWorker extends Disposable {
  /**
   * As `decompose`, but in the worker: a target, its options with `signal` and `onProgress`, and the result.
   * @throws InputError for bad options, BackendError when the backend asked for is not there, and an Error where the worker fails.
   */
  decompose<T extends Target | TensorLike>(
    target: T,
    options?: WorkerOptions & Pick<DecomposeOptions, 'signal' | 'onProgress'>,
  ): Promise<Decomposition<KruskalOf<T>>>;
  /** Ends the worker at once; what it was doing is rejected. `using` does the same. */
  close(): void;
}

interface Run {
  readonly onProgress: DecomposeOptions['onProgress'];
  readonly resolve: (result: Decomposition) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a worker, or takes one of yours, a module worker that imports 'polyadic/worker/script'.
 *
 * @example
 * ```ts
 * import { openWorker } from 'polyadic/worker';
 *
 * using worker = openWorker();
 * const { rank } = await worker.decompose({ shape: [2, 2, 2], data: [1, 0, 0, 0, 0, 0, 0, 1] });
 * console.log(rank);
 * ```
 * @throws InputError where there are no web workers, as in Node.
 */
export function openWorker(own?: Worker): DecomposeWorker {
  if (own !== undefined && !(isRecord(own) && typeof own.postMessage === 'function')) {
    throw new InputError(`openWorker: expected a Worker, got ${shown(own)}. Leave it out, or give new Worker(…).`);
  }
  const worker = own ?? startWorker();
  const runs = new Map<number, Run>();
  let count = 0;
  const send = (request: Request): void => worker.postMessage(request);
  const failAll = (error: Error): void => {
    for (const { reject } of runs.values()) reject(error);
    runs.clear();
  };
  worker.onmessage = ({ data }: MessageEvent<Response>) => {
    const run = runs.get(data.run);
    if ('progress' in data) return run?.onProgress?.(data.progress);
    runs.delete(data.run);
    if ('result' in data) run?.resolve(data.result as Decomposition);
    else run?.reject(errorOf(data.error));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    failAll(new Error(`openWorker: the worker failed: ${event.message || 'its script did not load'}.`));
  };
  const close = (): void => {
    worker.terminate();
    failAll(new Error('openWorker: the worker was closed before it was done.'));
  };
  return {
    async decompose<T extends Target | TensorLike>(
      given: T,
      { signal, onProgress, ...options }: WorkerOptions & Pick<DecomposeOptions, 'signal' | 'onProgress'> = {},
    ) {
      const target = await targetOf('decompose', given);
      const run = count++;
      return new Promise<Decomposition<KruskalOf<T>>>((resolve, reject) => {
        send({ run, target, options, reports: onProgress !== undefined });
        const abort = (): void => send({ run, abort: true });
        const done = (): void => signal?.removeEventListener('abort', abort);
        runs.set(run, {
          onProgress,
          resolve: (result) => {
            done();
            resolve(result as Decomposition<KruskalOf<T>>);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        if (signal?.aborted) abort();
        else signal?.addEventListener('abort', abort);
      });
    },
    close,
    [dispose]: close,
  };
}

function startWorker(): Worker {
  if (typeof Worker === 'undefined') {
    throw new InputError(
      'openWorker: expected a page with web workers, got an environment without. Call decompose there instead.',
    );
  }
  // Apart, so that the build of this library leaves it to the bundler of the page.
  const script = './worker-script.js';
  return new Worker(new URL(script, import.meta.url), { type: 'module' });
}
