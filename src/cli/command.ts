// What a command of the command line is: what it takes, in words and as data, and what it does.
import type { Arguments, OptionSpec, Syntax } from './arguments.js';

export interface Command extends Syntax {
  /** One line for the overview. */
  readonly summary: string;
  /** What its operand may be, where that is known. */
  readonly choices?: readonly string[];
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

/** Options from a file, and what is written beside the folder of `--out`. */
export const outOptions = {
  config: {
    value: 'FILE.json',
    help: 'options from a file, { "rank": 3 }, or from the result.json of an earlier run, which is then compared',
  },
  force: { help: 'replace an earlier result in the folder of --out' },
  plot: { value: 'FILE.svg', help: 'draw the components, a row per component and a column per mode; -: print it' },
  html: { value: 'FILE.html', help: 'one page with components, ranks and how it was computed; -: print it' },
  ktensor: { value: 'FILE', help: 'the components as a text of Tensor Toolbox and pyttb; -: print it' },
} satisfies Record<string, OptionSpec>;
