// `polyadic complete INPUT`: CP components from the known cells of a tensor, and the tensor that they predict. With --hide it first
// puts some known cells aside, and says how far off their predictions are.
import {
  defaultAlgorithm,
  defaultLoss,
  lossNames,
  lossOf,
  optionTable,
  type BayesianOptions,
  type CompletionOptions,
  type DecomposeOptions,
  type LossName,
  type VariationalOptions,
  type WithPosterior,
} from '../../index.js';
import { InputError } from '../../errors.js';
import { distinctCells } from '../../io/index.js';
import { kebabCase } from '../../names.js';
import { count, errorText, numberText } from '../../node/format.js';
import { summaryOf } from '../../node/result-files.js';
import { terminalOf } from '../../node/terminal.js';
import { hideCells } from '../../problems/index.js';
import { algorithmFlags, choiceOf } from '../algorithm-options.js';
import type { Arguments } from '../arguments.js';
import { backendOption, jsonOption, outOptions, type Command } from '../command.js';
import { outcomeOf, type HeldOutErrors, type Parts } from '../completed.js';
import { fileOptions, fileRecord } from '../file-options.js';
import { about } from '../files.js';
import { describeObserved, emptySliceNotices, readObserved, type ObservedInput } from '../observed-input.js';
import { hasFolder, printsOutput, requireOutputs, writeOutputs } from '../outputs.js';
import { report } from '../report.js';
import { exitCodeOf, given, runDecompose, tell, zeroNotices } from '../run.js';

const kinds = ['variational', 'completion', 'bayesian'] as const;

/** Losses by their names on the command line, with the default marked, and what each is for. */
const lossTable = lossNames
  .map((name) => `  ${kebabCase(name).padEnd(16)} ${lossOf(name).purpose}${name === defaultLoss ? ' (default)' : ''}`)
  .join('\n');

export const completeCommand: Command = {
  name: 'complete',
  summary: 'CP decomposition from known entries, and what it predicts for the others',
  operands: ['INPUT'],
  options: {
    rank: {
      value: 'R|auto',
      help: 'components at most; auto (default): as few as the data pay for',
    },
    hide: { value: 'SHARE', help: 'hide that share of the known cells (of a picture: pixels) and report their errors' },
    ...fileOptions,
    algorithm: {
      value: 'variational|completion|bayesian',
      help: 'default: variational; completion with a loss or an option that only it has, for more than 8 modes or ten million entries, and for pictures with nonnegative or a loss',
    },
    bayesian: { help: 'the same as --algorithm bayesian: draws from the posterior, with intervals and R̂ over chains' },
    width: {
      value: 'M',
      help: 'completion: components to work with, more than the rank; default: up to 32, or four times the rank. bayesian: default: up to 16, or the rank',
    },
    starts: { value: 'K', help: 'random starts; default: variational 3 at least, completion 5; chains of bayesian 4' },
    seed: { value: 'S', help: 'integer that everything random follows from, the choice of --hide too; default: 0' },
    tolerance: {
      value: 'X',
      help: 'completion: relative error from which a start is finished in float64; default: 0.05',
    },
    'max-steps': { value: 'N', help: 'sweeps of a fit, steps of completion and bayesian; default: 150, 10,000, 9,500' },
    nonnegative: {
      value: 'MODES',
      isValueOptional: true,
      help: 'factors without negative entries, of all modes or of those listed, as in 0,2; always so for losses of rates',
    },
    ...algorithmFlags(kinds),
    backend: backendOption,
    out: {
      value: 'DIR',
      help: 'write result.json, weights.npy, factor-0.npy …, completed.npy, std.npy to a new folder; -: print result.json',
    },
    ...outOptions,
    json: jsonOption,
    quiet: { help: 'no progress, no report, no notices' },
  },
  notes: `INPUT is an array with gaps (.npy, .npz or FILE.npz:NAME; NaN where a cell is missing, or --known and --missing say which),
entries with coordinates, a matrix (.csv with --wide) or a .png picture (height × width × channels). Coordinates, .tns or
.csv, also .gz, have a line for every entry: indices, then the value. In a .csv, a column of words holds labels; a header may come
first; the report names the columns that are taken for modes and value. Entries that repeat a cell each count.
completed.npy has the known cells as given (the mean of their entries) and predicts the others; std.npy, where
variational or bayesian know it, holds the standard deviation of every predicted entry, noise left out; pictures, with numbers from 0
to 255, get completed.png and given.png, hidden pixels black. --json adds heldOut: { count, relativeError, medianError }, or null.

Losses:
${lossTable}

  polyadic complete ratings.csv --value stars --modes user,film --out result
  polyadic complete values.npy --known known.npy --out result
  polyadic complete tensor.npy --rank 3 --hide 0.2
  polyadic complete photo.png --rank 20 --hide 0.7 --out result`,

  async run(args) {
    const [path = ''] = args.operands;
    const input = readObserved(path, args);
    const options = optionsOf(args, input);
    const { algorithm } = options;
    const loss = (algorithm && 'loss' in algorithm ? algorithm.loss : undefined) ?? defaultLoss;
    const share = shareOf(args);
    const { known, hidden } = about(path, () => partsOf(input, share, options.seed ?? 0));
    const notices = [...input.notices, ...emptySliceNotices(input, known)];
    requireOutputs(args);

    const result = await runDecompose(known, options, args);
    const outcome = outcomeOf(result, { known, hidden, picture: input.picture }, loss);
    if (outcome.notice && args.has('out')) notices.push(outcome.notice);
    notices.push(...zeroNotices(result, options.nonnegative !== undefined));
    const { heldOut } = outcome;
    const { names } = input;
    const record = {
      ...fileRecord(path, known.shape, names, distinctCells(known).count),
      heldOut,
      ...noiseOf(result),
      notices,
    };
    const told = { path, shape: known.shape, names, notices, record };
    const extra = hasFolder(args) ? outcome.files() : {};
    const files = writeOutputs(args, result, { ...told, extra, loss });
    if (printsOutput(args)) {
      if (!args.has('quiet')) tell(path, notices);
    } else if (args.has('json')) {
      if (!args.has('quiet')) tell(path, notices);
      process.stdout.write(`${JSON.stringify({ ...summaryOf(result, files, loss), heldOut })}\n`);
    } else if (!args.has('quiet')) {
      const more = rowsOf(loss, heldOut);
      process.stdout.write(
        report({ path, ...describeObserved(known), names, result, files, notices, more }, terminalOf(process.stdout)),
      );
    }
    return exitCodeOf('complete', result);
  },
};

/** The standard deviation of the noise, where it is known. */
const noiseOf = ({ posterior }: WithPosterior): { noise?: number } => (posterior ? { noise: posterior.noise } : {});

type Options = Omit<DecomposeOptions, 'algorithm'> & {
  readonly algorithm?: BayesianOptions | CompletionOptions | VariationalOptions;
};

/** Rows and columns of a picture: neighbors are alike. */
const pixelModes = [0, 1];

/** Flags of completion alone, beside those of its table that variational has not. */
const completionOnly = ['width', 'tolerance'];

/** The algorithm that is asked for, by name or by an option of its own; undefined where the default will do. */
function algorithmOf(args: Arguments, { target, picture }: ObservedInput): Options['algorithm'] {
  if (args.has('bayesian') && args.has('algorithm')) {
    throw new InputError('complete: expected --bayesian or --algorithm, got both. Leave one of them out.');
  }
  const shared = Object.keys(algorithmFlags(['variational']));
  const own = [...completionOnly, ...Object.keys(algorithmFlags(['completion']))].filter(
    (flag) => args.has(flag) && !shared.includes(flag),
  );
  const ofCompletion = Object.keys(algorithmFlags(['completion']));
  const asksForDraws =
    args.has('bayesian') ||
    Object.keys(algorithmFlags(['bayesian'])).some((flag) => args.has(flag) && !ofCompletion.includes(flag));
  const named = args.has('algorithm') ? args.oneOf('algorithm', kinds) : asksForDraws ? 'bayesian' : undefined;
  if (named === 'variational' && own[0] !== undefined) {
    throw new InputError(
      `complete: expected --${own[0]} with --algorithm completion, got it with variational. Leave one of them out.`,
    );
  }
  if (named === 'bayesian' && args.has('tolerance')) {
    throw new InputError('complete: expected no --tolerance with bayesian, got it. Leave --tolerance out.');
  }
  const loss = args.text('loss') ?? defaultLoss;
  const isSmooth = picture && loss === defaultLoss && !args.has('nonnegative') && !args.has('smooth');
  if (named === 'completion' || named === 'bayesian') return choiceOf(named, kinds, args);
  if (!named && (own.length > 0 || !hasLoss('variational', loss))) return choiceOf('completion', kinds, args);
  if (isSmooth) return { ...choiceOf('variational', kinds, args), smooth: pixelModes };
  if (named) return choiceOf(named, kinds, args);
  if (picture) return choiceOf(args.has('smooth') ? 'variational' : 'completion', kinds, args);
  if (!shared.some((flag) => args.has(flag))) return undefined;
  const backend = args.oneOf('backend', ['auto', 'webgpu', 'cpu'] as const) ?? 'auto';
  return choiceOf(defaultAlgorithm(target, backend) === 'completion' ? 'completion' : 'variational', kinds, args);
}

function hasLoss(kind: (typeof kinds)[number], name: string): boolean {
  const option = optionTable(kind)['loss'];
  return option?.type === 'choice' && option.values.map(kebabCase).includes(name);
}

function optionsOf(args: Arguments, input: ObservedInput): Options {
  const algorithm = algorithmOf(args, input);
  const numbers = given<Omit<DecomposeOptions, 'algorithm'>>({
    rank: args.text('rank') === 'auto' ? 'auto' : args.number('rank', 'a number of components, or auto,'),
    width: args.number('width', 'a number of components'),
    starts: args.number('starts', 'a number of starts'),
    seed: args.number('seed', 'an integer'),
    tolerance: args.number('tolerance', 'a small number'),
    maxSteps: args.number('max-steps', 'a number of steps'),
  });
  const nonnegative = args.text('nonnegative') === '' ? true : args.numbers('nonnegative', 'modes such as 0,2');
  return {
    ...numbers,
    ...given<Omit<DecomposeOptions, 'algorithm'>>({ nonnegative }),
    ...(algorithm ? { algorithm } : {}),
  };
}

function shareOf(args: Arguments): number | undefined {
  const share = args.number('hide', 'a share such as 0.2');
  if (share === undefined || (share > 0 && share < 1)) return share;
  throw args.wrong('hide', 'a share above 0 and below 1, such as 0.2,');
}

/** Whole pixels of a picture are hidden, single cells of other tensors. */
function partsOf({ target, picture }: ObservedInput, share: number | undefined, seed: number): Parts {
  const modes = picture ? { modes: 2 } : {};
  const parts =
    share === undefined ? { known: target, hidden: undefined } : hideCells(target, { share, seed, ...modes });
  return parts;
}

function rowsOf(loss: LossName, heldOut: HeldOutErrors | null): [string, string][] {
  const rows: [string, string][] = [['loss', kebabCase(loss)]];
  if (!heldOut) return rows;
  const { count: entries, relativeError, medianError, psnr, psnrOfMeanFill } = heldOut;
  const errors = `relative error ${errorText(relativeError)}, median ${numberText(medianError)}`;
  rows.push(['held out', `${count(entries)} entries: ${errors}`]);
  if (psnr !== undefined && psnrOfMeanFill !== undefined) {
    rows.push(['picture', `PSNR ${psnr.toFixed(2)} dB; ${psnrOfMeanFill.toFixed(2)} dB filled with means`]);
  }
  return rows;
}
