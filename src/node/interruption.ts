// Ctrl-C as an AbortSignal: the first one asks the run to stop with what it has, the second one ends the process.
import { constants } from 'node:os';
import { dispose } from '../dispose.js';

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** npm and the bootstrap pass on what the terminal has sent to all of them: within this time it is one key press. */
const sameKeyPressMilliseconds = 500;

export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let first = 0;
  const listener = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - first > sameKeyPressMilliseconds) process.exit(128 + constants.signals.SIGINT);
      return;
    }
    first = performance.now();
    controller.abort();
    onFirst();
  };
  process.on('SIGINT', listener);
  return { signal: controller.signal, [dispose]: () => process.off('SIGINT', listener) };
}
