// `--checkpoint FILE` and `--resume`: what a long run has reached, kept in a file, so that a run that was killed can go on.
//   als, feedback-alignment   state is the models of all starts and the number of steps: it goes on to the same bits
//   others with an init       state is more than that (random numbers drawn, velocities, a radius of trust): they begin anew, at the model
//   the rest                  begin at no model, or look at many ranks: refused
// The file belongs to one tensor and one set of options, whose hash it holds.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { kruskal, symmetricKruskal } from '../index.js';
import type { AnyKruskal, Checkpoint, DecomposeOptions, Matrix, Progress, Target } from '../index.js';
import { isRecord, kebabCase } from '../names.js';
import { makeFolder, notWritable } from '../node/result-folder.js';
import { temporary } from '../node/temporary.js';
import { version } from '../node/version.js';
import type { Arguments, OptionSpec } from './arguments.js';

export const checkpointOptions = {
  checkpoint: {
    value: 'FILE',
    help: 'keep in a new file what a long run has reached; als and feedback-alignment can go on from it to the same bits, others begin anew at its model',
  },
  resume: { help: 'go on from the file of --checkpoint, where it exists; the tensor and the options must be the same' },
} satisfies Record<string, OptionSpec>;

const exactKinds = ['als', 'feedbackAlignment'];
const withoutInit = ['beyondLazy', 'staged', 'powerDeflation'];

/** Between two writes; the last state is written at the end in any case. */
const intervalMilliseconds = 5000;

export interface KeptRun {
  /** In place of the options given. */
  readonly options: DecomposeOptions;
  readonly notices: readonly string[];
  /** Writes what is not yet written. */
  readonly close: () => void;
}

/** A run whose state is kept as the options ask. @throws InputError for a run that cannot go on, and for a file of another one. */
export function keptRun(target: Target, options: DecomposeOptions, args: Arguments): KeptRun {
  const file = args.text('checkpoint');
  if (file === undefined) {
    if (!args.has('resume')) return { options, notices: [], close: () => undefined };
    throw new InputError(`${args.command}: expected --resume with --checkpoint FILE, got it alone. Name the file.`);
  }
  const kind = typeof options.algorithm === 'object' ? options.algorithm.kind : (options.algorithm ?? '');
  const isExact = exactKinds.includes(kind);
  if (!isExact) requireModelRun(kind, options, args);
  const run = hashOf(target, options);
  const found = foundIn(file, args, run);
  let written = -Infinity;
  let waiting: Kept | undefined;
  const flush = (): void => {
    if (waiting) write(file, waiting);
    waiting = undefined;
    written = performance.now();
  };
  const keep = (next: Kept): void => {
    waiting = next;
    if (performance.now() - written >= intervalMilliseconds) flush();
  };
  const onCheckpoint = ({ models, ...rest }: Checkpoint): void => {
    if (rest.step > 0) keep({ generator, run, ...rest, models: models.map(packed) });
  };
  const onProgress = ({ step, phase, kruskal: model }: Progress): void => {
    const rank = typeof options.rank === 'number' ? options.rank : 1;
    if (model && phase === 'search' && step > 0 && model.weights.length >= rank) {
      keep({ generator, run, algorithm: kind, step, models: [packed(model)] });
    }
  };
  const models = found?.models.map(unpacked) ?? [];
  const [model] = models;
  let resumed = options;
  if (found && isExact)
    resumed = { ...options, resume: { backend: 'cpu', firstError: 1, startErrors: [], ...found, models } };
  else if (model) resumed = withoutStarts({ ...options, init: model });
  return {
    options: { ...resumed, ...(isExact ? { onCheckpoint } : { reportModels: true, onProgress }) },
    notices: found && !isExact ? [anew(kind, found)] : [],
    close: flush,
  };
}

/** The size of an init is its own. */
function withoutStarts(options: DecomposeOptions): DecomposeOptions {
  const left = ['starts', 'width', 'rank'];
  return Object.fromEntries(Object.entries(options).filter(([name]) => !left.includes(name)));
}

const generator = `polyadic ${version}`;

const anew = (kind: string, { step }: Kept): string =>
  `the state of ${kebabCase(kind)} is more than a model and a number of steps: the run began anew, at the model that it had after ${step} steps`;

/** Numbers are kept as the bytes of float64, in base64: JSON has no −0. */
interface PackedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: string;
}
interface PackedModel {
  readonly weights: string;
  readonly order?: number;
  readonly matrices: readonly PackedMatrix[];
}
type Kept = Pick<Checkpoint, 'algorithm' | 'step'> &
  Partial<Omit<Checkpoint, 'models'>> & {
    readonly generator: string;
    readonly run: string;
    readonly models: readonly PackedModel[];
  };

function requireModelRun(kind: string, { rank, init }: DecomposeOptions, { command }: Arguments): void {
  if (withoutInit.includes(kind)) {
    throw new InputError(
      `${command}: expected --checkpoint with an algorithm that can begin at a model, got ${kebabCase(kind)}, which cannot. Leave --checkpoint out.`,
    );
  }
  if (typeof rank === 'number' || init) return;
  throw new InputError(
    `${command}: expected --rank with --checkpoint, got none: what ${kebabCase(kind)} knows of the other ranks is more than a model. Give --rank, or leave --checkpoint out.`,
  );
}

/** What an earlier run has left; nothing where there is no file yet. */
function foundIn(file: string, args: Arguments, run: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  if (!args.has('resume')) {
    throw new InputError(
      `--checkpoint: expected a new file, got ${file}, which exists. Add --resume to go on from it, or remove it.`,
    );
  }
  const found = parsed(file);
  if (found.run === run) return found;
  throw new InputError(
    `${file}: expected the checkpoint of a run with this tensor and these options, got that of another. Run with those, or name another file.`,
  );
}

function parsed(file: string): Kept {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isRecord(value) && typeof value['run'] === 'string') return value as unknown as Kept;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new InputError(`${file}: expected a file of --checkpoint, got another. Name another file.`);
}

/** All of it or nothing: under another name first. */
function write(file: string, kept: Kept): void {
  const fresh = temporary(resolve(file));
  makeFolder(file, dirname(resolve(file)));
  try {
    writeFileSync(fresh, `${JSON.stringify(kept)}\n`);
    renameSync(fresh, file);
  } catch (error) {
    throw notWritable('file', file, error);
  }
}

const bytesOf = (data: ArrayLike<number>): string => Buffer.from(Float64Array.from(data).buffer).toString('base64');
const numbersOf = (text: string): Float64Array => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

function packed(model: AnyKruskal): PackedModel {
  const matrices = 'vectors' in model ? [model.vectors] : model.factors;
  return {
    weights: bytesOf(model.weights),
    ...('vectors' in model ? { order: model.order } : {}),
    matrices: matrices.map(({ rows, columns, data }) => ({ rows, columns, data: bytesOf(data) })),
  };
}

function unpacked({ weights, order, matrices }: PackedModel): AnyKruskal {
  const all = matrices.map(({ data, ...size }): Matrix => ({ ...size, data: numbersOf(data) }));
  const [first] = all;
  return order === undefined || !first
    ? kruskal(numbersOf(weights), all)
    : symmetricKruskal(order, numbersOf(weights), first);
}

/** Of the numbers of the tensor and of the options. */
function hashOf(target: Target, options: DecomposeOptions): string {
  const hash = createHash('sha256');
  const text = JSON.stringify({ target, options }, (_, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return value.byteLength;
  });
  return hash.update(text).digest('hex');
}
