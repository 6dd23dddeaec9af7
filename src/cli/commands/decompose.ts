// `polyadic decompose INPUT`: reads a tensor, runs decompose() on it, reports, and writes the result where asked to.
import { InputError } from '../../errors.js';
import {
  algorithmKinds,
  defaultAlgorithm,
  defaultLoss,
  type AlgorithmChoice,
  type AlgorithmKind,
  type Decomposition,
  type DecomposeOptions,
} from '../../index.js';
import { summaryOf } from '../../node/result-files.js';
import type { ResultFiles } from '../../node/result-folder.js';
import { terminalOf } from '../../node/terminal.js';
import { kebabCase } from '../../names.js';
import { algorithmFlags, choiceOf } from '../algorithm-options.js';
import type { Arguments } from '../arguments.js';
import { backendOption, jsonOption, outOptions, type Command } from '../command.js';
import { cellsText } from '../cells-text.js';
import { checkpointOptions, keptRun } from '../checkpoint.js';
import { fileOptions, fileRecord } from '../file-options.js';
import { readResult, readTensor, type TensorInput } from '../input.js';
import { printsOutput, requireOutputs, writeOutputs } from '../outputs.js';
import { report } from '../report.js';
import { comparison } from '../config.js';
import { exitCodeOf, given, runDecompose, tell, zeroNotices } from '../run.js';

/** `complete` is the command for the one that is left out. */
const kinds = algorithmKinds.filter((kind) => kind !== 'completion' && kind !== 'variational');
const algorithmNames = kinds.map(kebabCase);

export const decomposeCommand: Command = {
  name: 'decompose',
  summary: 'CP decomposition of a tensor in a file',
  operands: ['INPUT'],
  options: {
    rank: {
      value: 'R|auto',
      help: 'components to look for; auto (default): as many as are found',
    },
    algorithm: {
      value: algorithmNames.join('|'),
      help: 'default: compressed for dense tensors, staged for symmetric ones; all but als find the rank',
    },
    symmetric: { help: 'the entries are those of a symmetric tensor (orders 3 to 8); find symmetric components' },
    nonnegative: {
      value: 'MODES',
      isValueOptional: true,
      help: 'compressed: factors without negative entries, of all modes or of those listed, as in 0,2',
    },
    loss: {
      value: defaultLoss,
      help: 'squared errors alone; complete has losses for gross errors, counts, zeros and ones',
    },
    fixed: { value: 'MODES', help: 'compressed: modes whose factors stay those of --init, as in 0,2' },
    init: {
      value: 'FILE',
      help: 'where to begin: a result folder, or components in a .json or .ktensor file; the rank is theirs',
    },
    ...fileOptions,
    width: {
      value: 'M',
      help: 'components (lazy: directions) to work with, but for compressed, als, feedback-alignment and power-deflation; default: twice the rank, deflation ten times',
    },
    finish: {
      value: 'compact|none',
      help: 'compact (default): reduce to the rank and polish in float64; none: the components as the search leaves them',
    },
    starts: {
      value: 'K',
      help: 'random starts, the best is kept; default: compressed 6 per rank, als 4, power-deflation 10 per component, else 1',
    },
    seed: { value: 'S', help: 'integer that everything random follows from; default: 0' },
    tolerance: {
      value: 'X',
      help: 'compressed, als: relative fall of the error per step, 1e-9, 1e-8; else the relative error: staged 1e-9, power-deflation 1e-6, feedback-alignment 1e-3, others 1e-2',
    },
    'max-steps': {
      value: 'N',
      help: 'steps before giving up; default: compressed 100, als 1000, staged 3000, beyond-lazy 4000, lazy and vanilla 6000, feedback-alignment 20000; deflation: its four epochs',
    },
    ...algorithmFlags(kinds),
    backend: backendOption,
    threads: { value: 'N', help: 'als on the CPU: worker threads that share the starts; default: the cores, up to 8' },
    out: {
      value: 'DIR',
      help: 'write result.json, weights.npy, factor-0.npy … (or vectors.npy) to a new folder; -: print result.json',
    },
    ...outOptions,
    ...checkpointOptions,
    json: jsonOption,
    quiet: { help: 'no progress, no report' },
  },
  notes: `INPUT is a tensor in a .npy, .npz or .mat file (two or more modes, real numbers; FILE.npz:NAME, FILE.mat:NAME where there are several;
.mat up to -v7), entries with coordinates in a .tns or .csv file (.gz too; cells not listed are 0), a matrix in a .csv file (--wide), a
tensor, sptensor or ktensor in a text of Tensor Toolbox (.tensor, .tns, .ktensor), or a .json file with { order, dim, weights,
vectors } (symmetric, never formed) or { weights, factors } (formed, then decomposed).
Cells may be missing (--missing nan, --known FILE): the model is fitted to the others. To predict many, see complete.
Ctrl-C stops the run and keeps what it has; a second one ends it at once.

  polyadic decompose tensor.npy --out result
  polyadic decompose data.mat:X --rank 3 --ktensor model.ktensor
  polyadic decompose moments.npy --symmetric --out result
  polyadic decompose ratings.csv --value stars --modes user,film --rank 3
  polyadic decompose tensor.npy --rank 3 --backend cpu --json
  polyadic decompose tensor.npy --rank 5 --algorithm als --checkpoint run.checkpoint --resume
  polyadic decompose spectra.npy --nonnegative
  polyadic decompose spectra.npy --nonnegative --fixed 2 --init result`,

  async run(args) {
    const [path = ''] = args.operands;
    return decomposeInput(path, readTensor(path, args), args);
  },
};

interface More {
  /** Files for the folder of --out. */
  readonly files?: ResultFiles;
  /** What is printed below the report. */
  readonly picture?: (result: Decomposition) => string;
}

/** Decomposes a tensor as the options say, reports and writes what they ask for; the exit code. */
export async function decomposeInput(
  path: string,
  input: TensorInput,
  args: Arguments,
  more: More = {},
): Promise<number> {
  const quiet = args.has('quiet');
  const options = optionsOf(args, input);
  requireOutputs(args);
  const kept = keptRun(input.target, options, args);

  const result: Decomposition = await runDecompose(input.target, kept.options, args).finally(kept.close);
  const { shape, text, names } = input;
  const notices = [
    ...input.notices,
    ...kept.notices,
    ...zeroNotices(result, options.nonnegative !== undefined),
    ...comparison(args, result),
  ];
  const record = { ...fileRecord(path, shape, names, input.cells), notices };
  const files = writeOutputs(args, result, { path, shape, names, notices, record, extra: more.files ?? {} });
  if (printsOutput(args)) {
    if (!quiet) tell(path, notices);
  } else if (args.has('json')) {
    if (!quiet) tell(path, notices);
    process.stdout.write(`${JSON.stringify(summaryOf(result, files))}\n`);
  } else if (!quiet) {
    const terminal = terminalOf(process.stdout);
    const told = { path, shape, text, norm: input.norm(), names, cells: cellsText(input), result, files, notices };
    process.stdout.write(report(told, terminal) + (more.picture?.(result) ?? ''));
  }
  return exitCodeOf(args.command, result);
}

/** Only what was given: the defaults are those of decompose(). */
function optionsOf(args: Arguments, input: TensorInput): DecomposeOptions {
  const numbers = {
    width: args.number('width', 'a number of components'),
    starts: args.number('starts', 'a number of starts'),
    seed: args.number('seed', 'an integer'),
    tolerance: args.number('tolerance', 'a small number'),
    maxSteps: args.number('max-steps', 'a number of steps'),
    threads: args.number('threads', 'a number of threads'),
  };
  const algorithm = algorithmOf(args, input);
  const finish = args.oneOf('finish', ['compact', 'none'] as const);
  const loss = args.text('loss') ?? defaultLoss;
  if (loss !== defaultLoss) {
    throw new InputError(
      `decompose: expected --loss ${defaultLoss}, squared errors, got ${loss}. Use complete, which has other losses, also where all cells are known.`,
    );
  }
  const nonnegative = args.text('nonnegative') === '' ? true : args.numbers('nonnegative', 'modes such as 0,2');
  const fixed = args.numbers('fixed', 'modes such as 0,2');
  const from = args.text('init');
  const init = from === undefined ? undefined : readResult(from);
  // The rank of an init is its own, and not that of the file.
  const rank = rankOf(args, init ? {} : input);
  return given({ ...numbers, rank, algorithm, finish, nonnegative, fixed, init });
}

function algorithmOf(args: Arguments, { target }: TensorInput): AlgorithmChoice {
  const named = args.oneOf('algorithm', algorithmNames);
  const kind =
    kinds.find((one) => kebabCase(one) === named) ??
    defaultAlgorithm(
      target,
      args.oneOf('backend', ['auto', 'webgpu', 'cpu'] as const) ?? 'auto',
      args.has('nonnegative') || args.has('fixed'),
    );
  if (args.has('width') && fixedWidth.includes(kind)) {
    const others = kinds.filter((one) => !fixedWidth.includes(one)).map(kebabCase);
    throw new InputError(
      `decompose: expected --width with ${others.join(', ')} only, got it with ${kebabCase(kind)}. Leave --width out.`,
    );
  }
  return choiceOf(kind, kinds, args);
}

/** Their width is the rank. */
const fixedWidth: readonly AlgorithmKind[] = ['als', 'compressed', 'feedbackAlignment', 'powerDeflation'];

/** A given rank; else that of the file, or what the algorithm finds. */
function rankOf(args: Arguments, { rank }: Pick<TensorInput, 'rank'>): number | undefined {
  const given = args.text('rank') === 'auto' ? undefined : args.number('rank', 'a number of components, or auto,');
  return given ?? rank;
}
