// Ctrl-C as an AbortSignal: the first one asks the run to stop with what it has, the second one ends the process.
import { dispose } from '../dispose.js';

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** npm and the bootstrap pass on what the terminal has sent to all of them: within this time it is one key press. */
const sameKeyPressMilliseconds = 500;

export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const stopListening = (): unknown => process.off('SIGINT', listener);
  function listener(): void {
    if (controller.signal.aborted) return;
    controller.abort();
    onFirst();
    // Without a listener the system ends the process, even in the middle of a long step that lets no JavaScript in.
    setTimeout(stopListening, sameKeyPressMilliseconds).unref();
  }
  process.on('SIGINT', listener);
  return { signal: controller.signal, [dispose]: stopListening };
}
