// `polyadic generate KIND`: a tensor with planted components in one file, and those components, the truth, beside it.
import { extname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { kruskalToJson, writeNpy, writeTns } from '../../io/index.js';
import { count, shapeText } from '../../node/format.js';
import { oneFieldALine } from '../../node/result-files.js';
import { isFolder } from '../../node/result-folder.js';
import { requireNew, writeNewFiles } from '../../node/result-new-files.js';
import { terminalOf } from '../../node/terminal.js';
import { version } from '../../node/version.js';
import type { Arguments } from '../arguments.js';
import { jsonOption, type Command } from '../command.js';
import { planted, problemKinds, type Planted } from '../planted.js';

export const generateCommand: Command = {
  name: 'generate',
  summary: 'tensor with planted components, and the truth beside it',
  operands: ['KIND'],
  choices: problemKinds,
  options: {
    out: {
      value: 'FILE|DIR',
      help: 'new .npy (entries), .tns (observed) or .json file (components only), or a folder for KIND.npy',
    },
    rank: { value: 'R', help: 'planted components' },
    order: { value: 'L', help: 'symmetric, orthogonal: number of modes, 2 to 8; default: 3' },
    dim: { value: 'D', help: 'symmetric, orthogonal: size of every mode' },
    shape: { value: 'SIZES', help: 'cp, observed: size of each mode, as in 30x20x10' },
    share: { value: 'X', help: 'observed: share of the cells that are known, drawn at random' },
    corrupt: {
      value: 'X',
      help: 'observed: share of those with gross errors, 2.5 to 5 times their spread; default: 0',
    },
    noise: { value: 'X', help: 'norm of Gaussian noise over that of the tensor (symmetric like it); default: 0' },
    seed: { value: 'S', help: 'integer that everything random follows from; default: 0' },
    cosine: {
      value: 'X',
      help: 'symmetric, cp, observed: cosine of any two components, in every mode; default: random directions',
    },
    ratio: {
      value: 'X',
      help: 'symmetric, orthogonal: weights 1, 1/X, 1/X^2 …; default: --weight-range, or 1 (all equal)',
    },
    'weight-range': { value: 'A,B', help: 'symmetric: weights are uniform from A to B; default: 0.5,1.5' },
    weights: { value: 'LIST', help: 'cp, observed: the weights, as in 3,2,1; default: all 1' },
    signs: { value: 'mixed|positive', help: 'of the weights; default: mixed for symmetric, positive for orthogonal' },
    json: jsonOption,
    quiet: { help: 'no report' },
  },
  notes: `KIND is symmetric (random directions, more than dimensions if wanted), orthogonal (symmetric, orthonormal ones), cp
(one matrix a mode), or observed (some entries of the last; the others are NaN, or not in the .tns). NAME.truth.json holds
the components for match. No file is ever overwritten.

  polyadic generate symmetric --order 3 --dim 10 --rank 4 --noise 0.01 --out tensor.npy
  polyadic decompose tensor.npy --symmetric --out result
  polyadic match result tensor.truth.json`,

  run(args) {
    const [kind = ''] = args.operands;
    const files = filesOf(args, kind);
    requireNew([files.tensor, files.truth]);
    const formed = files.tensor.endsWith('.npy');
    const problem = planted(kind, args, formed);
    const listed = files.tensor.endsWith('.tns');
    requireExtensionOf(problem, files.tensor);
    if (!formed && !listed && problem.noise > 0) {
      throw new InputError(
        `generate: expected no --noise for components alone, got ${problem.noise} with ${files.tensor}. Leave it out, or write a .npy file.`,
      );
    }
    const truth = truthText(kind, problem);
    const tensor = formed ? npyOf(problem) : problem.observed ? writeTns(problem.observed) : truth;
    const contents = { [files.tensor]: tensor, [files.truth]: truth };
    writeNewFiles(contents);
    const written = Object.entries(contents).map(([path, content]) => ({ path, bytes: Buffer.byteLength(content) }));
    if (args.has('json')) process.stdout.write(`${JSON.stringify(summaryOf(kind, problem, written))}\n`);
    else if (!args.has('quiet')) process.stdout.write(terminalOf(process.stdout).plain(report(kind, problem, written)));
    return Promise.resolve(0);
  },
};

/** Paths of the tensor and of the truth. A folder is one that exists, or is meant by a slash at the end. */
function filesOf(args: Arguments, kind: string): { readonly tensor: string; readonly truth: string } {
  const out = args.text('out');
  if (out === undefined) {
    throw new InputError('generate: expected --out FILE, got none. Give it, as in --out tensor.npy.');
  }
  const tensor = /[\\/]$/.test(out) || isFolder(out) ? join(out, `${kind}.npy`) : out;
  const extension = extname(tensor);
  if (!['.npy', '.json', '.tns'].includes(extension)) {
    throw new InputError(
      `generate: expected a .npy, .tns or .json file after --out, got ${out}. End the name in .npy for entries, in .tns for observed ones, in .json for components alone.`,
    );
  }
  return { tensor, truth: `${tensor.slice(0, -extension.length)}.truth.json` };
}

/** Observed entries are a list or an array with gaps, other tensors an array or components. */
function requireExtensionOf({ observed }: Planted, file: string): void {
  const wrong = observed ? '.json' : '.tns';
  if (!file.endsWith(wrong)) return;
  const [expected, what] = observed ? ['.npy or .tns', 'observed entries'] : ['.npy or .json', 'a tensor without gaps'];
  throw new InputError(`generate: expected a ${expected} file for ${what}, got ${file}. End the name so.`);
}

function npyOf(problem: Planted): Uint8Array {
  const { shape, data } = problem.entries();
  return writeNpy({ shape, data });
}

/** The components, and what made them. */
function truthText(kind: string, { truth, settings }: Planted): string {
  return oneFieldALine({ generator: `polyadic ${version}`, kind, ...settings, ...kruskalToJson(truth) });
}

interface Written {
  readonly path: string;
  readonly bytes: number;
}

function summaryOf(kind: string, { shape, truth, noise, seed, observed }: Planted, files: readonly Written[]): object {
  const known = observed ? { entries: observed.count } : {};
  return { kind, shape, ...known, rank: truth.weights.length, noise, seed, files };
}

function report(kind: string, { shape, truth, noise, seed, observed }: Planted, files: readonly Written[]): string {
  const rank = truth.weights.length;
  const known = observed ? `${count(observed.count)} entries of ` : '';
  const rows = [
    [
      'tensor',
      `${kind}, ${known}${shapeText(shape)}, ${count(rank)} component${rank === 1 ? '' : 's'}, noise ${noise}, seed ${seed}`,
    ],
    ...files.map(({ path, bytes }, at) => [at === 0 ? 'written' : '', `${path} (${count(bytes)} bytes)`]),
  ];
  return rows.map(([label = '', text = '']) => `${label.padEnd(10)}${text}\n`).join('');
}
