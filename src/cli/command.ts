// What a command of the command line is: what it takes, in words and as data, and what it does.
import type { Arguments } from './arguments.js';

export interface OptionSpec {
  /** Name of the value in the help; none for a switch. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** Names of what comes before the options, all required. */
  readonly operands: readonly string[];
  /** By name, without the dashes. */
  readonly options: Readonly<Record<string, OptionSpec>>;
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
