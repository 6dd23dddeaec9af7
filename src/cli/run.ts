// One run of decompose() as its commands do it: on the backend asked for, with a line of progress and Ctrl-C on the way, and a
// line on stderr where it failed.
import { decompose, type BackendChoice, type DecomposeOptions, type KruskalOf, type Target } from '../index.js';
import type { Decomposition, Progress } from '../index.js';
import { chooseBackend } from '../node/choose-backend.js';
import { count, errorText, secondsText } from '../node/format.js';
import { listenForInterruption } from '../node/interruption.js';
import { ProgressLine, terminalOf } from '../node/terminal.js';
import type { Arguments } from './arguments.js';

/** Of the last run, where it was stopped. */
let interruptedCode = 0;

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
  const onProgress = (progress: Progress): void => {
    line.show(progressText(progress));
    options.onProgress?.(progress);
  };
  try {
    return await decompose(target, { ...options, signal: interruption.signal, onProgress });
  } finally {
    interruptedCode = interruption.exitCode();
    line.clear();
  }
}

function progressText({ phase, step, seconds, relativeError }: Progress): string {
  return `${phase}  step ${count(step)}  relative error ${errorText(relativeError)}  ${secondsText(seconds)}`;
}

/** There is nothing worth writing. */
export const hasFailed = ({ stop, kruskal }: Decomposition): boolean =>
  stop === 'diverged' || stop === 'deviceLost' || (stop === 'aborted' && kruskal.weights.length === 0);

/** The exit code; says why it is not 0. */
export function exitCodeOf(command: string, result: Decomposition): number {
  if (result.stop === 'aborted') {
    if (hasFailed(result)) process.stderr.write(`polyadic: ${command}: ${result.advice}\n`);
    return interruptedCode;
  }
  if (!hasFailed(result)) return 0;
  const { stop, steps, advice } = result;
  process.stderr.write(`polyadic: ${command}: ${stop} after ${count(steps)} steps. ${advice}\n`);
  return 1;
}

/** Only what was given: the defaults are those of decompose(). */
export function given<T extends object>(options: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** What a careful reader would want to know of a file or a result, a line each on stderr beside JSON. */
export function tell(path: string, notices: readonly string[]): void {
  const terminal = terminalOf(process.stderr);
  for (const notice of notices) process.stderr.write(terminal.plain(`polyadic: ${path}: ${notice}\n`));
}

/** A model of zeros is an outcome too, and needs words: its error, 1, looks like a failure of the method. */
export function zeroNotices({ kruskal, stop }: Decomposition, nonnegative = false): string[] {
  const isCutShort = stop === 'diverged' || stop === 'deviceLost' || stop === 'aborted';
  if (isCutShort || kruskal.weights.some((weight) => weight !== 0)) return [];
  const reason = nonnegative
    ? 'no component without negative numbers comes nearer to these values than 0 does, as where all of them are negative. Leave out --nonnegative, or change the sign of the values'
    : 'no component was found that comes nearer to these values than 0 does';
  return [`the model is zero and predicts 0 everywhere: ${reason}`];
}
