// What a command of the command line is: what it takes, in words and as data, and what it does.
import type { Arguments, OptionSpec, Syntax } from './arguments.js';

export interface Command extends Syntax {
  /** One line for the overview. */
  readonly summary: string;
  /** Paragraph and examples below the options. */
  readonly notes: string;
  /** Returns the exit code: 0 a result was written, 1 the run failed. */
  run(args: Arguments): Promise<number>;
}

export const jsonOption = { help: 'print one JSON object instead of a report' } satisfies OptionSpec;

export const backendOption = {
  value: 'auto|webgpu|cpu',
  help: 'where to compute; auto: WebGPU on a GPU, else the CPU',
} satisfies OptionSpec;
