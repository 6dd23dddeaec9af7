// The worker's side: `import 'polyadic/worker/script'` is all that a worker of one's own needs. It runs decompose() for the page.
import { decompose } from '../decompose.js';
import type { Request, Response } from './messages.js';

/** Of a dedicated worker, as far as it is needed here. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(message: Response): void;
}

const scope = globalThis as unknown as WorkerScope;
const running = new Map<number, AbortController>();

scope.onmessage = ({ data: request }) => {
  if ('abort' in request) running.get(request.run)?.abort();
  else void answer(request);
};

async function answer({ run, target, options, reports }: Exclude<Request, { abort: true }>): Promise<void> {
  const controller = new AbortController();
  running.set(run, controller);
  try {
    const result = await decompose(target, {
      ...options,
      signal: controller.signal,
      ...(reports ? { onProgress: (progress) => scope.postMessage({ run, progress }) } : {}),
    });
    scope.postMessage({ run, result });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    scope.postMessage({ run, error: { name, message } });
  } finally {
    running.delete(run);
  }
}
