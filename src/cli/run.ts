// One run of decompose() as its commands do it: on the backend asked for, with a line of progress and Ctrl-C on the way, and a
// line on stderr where it failed.
import { decompose, type BackendChoice, type DecomposeOptions, type KruskalOf, type Target } from '../index.js';
import type { Decomposition, Progress } from '../index.js';
import { chooseBackend } from '../node/choose-backend.js';
import { count, errorText, secondsText } from '../node/format.js';
import { listenForInterruption } from '../node/interruption.js';
import { ProgressLine } from '../node/terminal.js';
import type { Arguments } from './arguments.js';

const backendNames: readonly BackendChoice[] = ['auto', 'webgpu', 'cpu'];

export async function runDecompose<T extends Target>(
  target: T,
  options: DecomposeOptions,
  args: Arguments,
): Promise<Decomposition<KruskalOf<T>>> {
  const { choice, reason } = chooseBackend(args.oneOf('backend', backendNames) ?? 'auto');
  const found = await runWithProgress(target, { ...options, backend: choice }, args.has('quiet'));
  return reason === undefined ? found : { ...found, backendReason: reason };
}

async function runWithProgress<T extends Target>(
  target: T,
  options: DecomposeOptions,
  quiet: boolean,
): Promise<Decomposition<KruskalOf<T>>> {
  const line = new ProgressLine(process.stderr, quiet);
  using interruption = listenForInterruption(() => {
    line.clear();
    process.stderr.write('polyadic: stopping with what there is; again to quit at once\n');
  });
  const onProgress = (progress: Progress): void => line.show(progressText(progress));
  try {
    return await decompose(target, { ...options, signal: interruption.signal, onProgress });
  } finally {
    line.clear();
  }
}

function progressText({ phase, step, seconds, relativeError }: Progress): string {
  return `${phase}  step ${count(step)}  relative error ${errorText(relativeError)}  ${secondsText(seconds)}`;
}

/** There is nothing worth writing. */
export const hasFailed = ({ stop }: Decomposition): boolean => stop === 'diverged' || stop === 'deviceLost';

/** The exit code; says why it is not 0. */
export function exitCodeOf(command: string, result: Decomposition): number {
  if (!hasFailed(result)) return 0;
  const { stop, steps, advice } = result;
  process.stderr.write(`polyadic: ${command}: ${stop} after ${count(steps)} steps. ${advice}\n`);
  return 1;
}

/** Only what was given: the defaults are those of decompose(). */
export function given<T extends object>(options: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
