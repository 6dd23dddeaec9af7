// The worker's side: `import 'polyadic/worker/script'` is all that a worker of one's own needs. It runs decompose() for the page.
import { decompose } from '../decompose.js';
import type { Request, Response } from './messages.js';

/** Of a dedicated worker, as far as it is needed here. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(message: Response): void;
}

declare const self: WorkerScope;
const running = new Map<number, AbortController>();

self.onmessage = ({ data: request }) => {
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
      ...(reports ? { onProgress: (progress) => self.postMessage({ run, progress }) } : {}),
    });
    self.postMessage({ run, result });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    self.postMessage({ run, error: { name, message } });
  } finally {
    running.delete(run);
  }
}
