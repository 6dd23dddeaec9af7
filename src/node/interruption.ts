// Ctrl-C and SIGTERM as an AbortSignal: the first one asks the run to stop with what it has, the second one ends the process.
import { dispose } from '../dispose.js';

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** The exit code of who was stopped; 0 where nobody was. */
  readonly exitCode: () => number;
}

/** Exit codes of who is stopped by a signal: 128 + its number. */
export const interruptedCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** npm and the bootstrap pass on what the terminal has sent to all of them: within this time it is one key press. */
const sameKeyPressMilliseconds = 500;

export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let exitCode = 0;
  const signals = Object.keys(interruptedCodes) as (keyof typeof interruptedCodes)[];
  const stopListening = (): void => signals.forEach((name) => process.off(name, listener));
  function listener(name: keyof typeof interruptedCodes = 'SIGINT'): void {
    if (controller.signal.aborted) return;
    exitCode = interruptedCodes[name];
    controller.abort();
    onFirst();
    // Without a listener the system ends the process, even in the middle of a long step that lets no JavaScript in.
    setTimeout(stopListening, sameKeyPressMilliseconds).unref();
  }
  for (const name of signals) process.on(name, listener);
  return { signal: controller.signal, exitCode: () => exitCode, [dispose]: stopListening };
}
