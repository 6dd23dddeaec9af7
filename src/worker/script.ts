// The worker's side: `import 'polyadic/worker/script'` is all that a worker of one's own needs. It runs decompose() for the page, and for a
// thread the parts of a run that it was given.
import type { Progress } from '../result.js';
import type { Request, Response } from './messages.js';

/** Of a dedicated worker, or of the thread in Node that has started this one, as far as it is needed here. */
interface Port {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(message: Response): void;
}

declare const self: Port;
const port: Port =
  (globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort as Port | null | undefined) ?? self;
const running = new Map<number, AbortController>();

port.onmessage = ({ data: request }) => {
  if ('abort' in request) running.get(request.run)?.abort();
  else void answer(request);
};

async function answer(request: Exclude<Request, { abort: true }>): Promise<void> {
  const { run } = request;
  const controller = new AbortController();
  running.set(run, controller);
  try {
    port.postMessage({ run, result: await resultOf(request, controller.signal) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    port.postMessage({ run, error: { name, message } });
  } finally {
    running.delete(run);
  }
}

async function resultOf(request: Exclude<Request, { abort: true }>, signal: AbortSignal): Promise<unknown> {
  if ('call' in request) {
    const { answerCall } = await import('../threads/calls.js');
    return answerCall(request.call, request.arg, signal);
  }
  const { decompose } = await import('../decompose.js');
  const { run, target, options, reports } = request;
  const onProgress = (progress: Progress): void => port.postMessage({ run, progress });
  return decompose(target, { ...options, signal, ...(reports ? { onProgress } : {}) });
}
