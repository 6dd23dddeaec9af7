// The problems of `polyadic generate` by kind: which options each takes, the planted components, and the entries.
// Sizes are checked before anything is allocated; errors speak of options by the names they have on the command line.
import { InputError } from '../errors.js';
import {
  packKruskal,
  unpackSymmetric,
  type AnyKruskal,
  type DenseTensor,
  type ObservedTarget,
  type SymmetricKruskal,
} from '../index.js';
import { kebabCase, requireKnownNames } from '../names.js';
import { addSymmetricNoise, orthogonal, plantedCp, plantedObserved, plantedSymmetric } from '../problems/index.js';
import { requireBetween, requireInteger } from '../problems/options.js';
import type { Arguments } from './arguments.js';
import { maxEntries } from './input.js';
import { sizeOf } from '../tensor/shape.js';

export const problemKinds = ['symmetric', 'orthogonal', 'cp', 'observed'] as const;
type ProblemKind = (typeof problemKinds)[number];

/** Options beside --rank, --noise and --seed, which every kind takes. */
const optionsOfKind: Record<ProblemKind, readonly string[]> = {
  symmetric: ['order', 'dim', 'ratio', 'cosine', 'weight-range', 'signs'],
  orthogonal: ['order', 'dim', 'ratio', 'signs'],
  cp: ['shape', 'cosine', 'weights'],
  observed: ['shape', 'cosine', 'weights', 'share', 'corrupt'],
};

/** Numbers in the factors up to which their JSON, some twenty characters each, is a string that JavaScript can hold (2^29). */
const maxFactorNumbers = 2 ** 24;

export interface Planted {
  readonly shape: readonly number[];
  readonly truth: AnyKruskal;
  readonly noise: number;
  readonly seed: number;
  /** The options that made it, in words of the library. */
  readonly settings: object;
  /** The tensor, noise included; NaN where it is not observed. */
  entries(): DenseTensor;
  /** The observed entries alone, where not all are. */
  readonly observed?: ObservedTarget;
}

/**
 * `formed`: the entries will be asked for, so they must fit.
 * @throws InputError for an unknown kind, options of another kind, and values or sizes out of range.
 */
export function planted(kind: string, args: Arguments, formed: boolean): Planted {
  requireKnownNames('generate', [kind], problemKinds, 'kind');
  requireOptionsOf(kind as ProblemKind, args);
  return inFlags(() => {
    if (kind === 'cp') return general(args);
    if (kind === 'observed') return partly(args, formed);
    return symmetric(kind as 'symmetric' | 'orthogonal', args, formed);
  });
}

function symmetric(kind: 'symmetric' | 'orthogonal', args: Arguments, formed: boolean): Planted {
  const order = integer(args, 'order', 2) ?? 3;
  requireBetween('generate', '--order', order, 2, 8);
  const dim = integer(args, 'dim', 1) ?? missing('--dim D', '--dim 10');
  const { rank, seed, noise } = common(args);
  const shape = new Array<number>(order).fill(dim);
  if (formed) requireEntries(shape);
  requireFactorNumbers(rank * dim);
  const signs = args.oneOf('signs', ['mixed', 'positive']) ?? (kind === 'symmetric' ? 'mixed' : 'positive');
  const sizes = { order, dim, rank, seed, mixedSigns: signs === 'mixed', ...given('ratio', args.number('ratio')) };
  const more = { ...given('cosine', args.number('cosine')), ...given('weightRange', weightRange(args)) };
  const { truth } = kind === 'orthogonal' ? orthogonal(sizes) : plantedSymmetric({ ...sizes, ...more });
  const settings = { ...sizes, ...more, noise };
  return { shape, truth, noise, seed, settings, entries: () => symmetricEntries(truth, noise, seed) };
}

/** By way of the packed form, so that permuted entries are equal to the bit. */
function symmetricEntries(truth: SymmetricKruskal, level: number, seed: number): DenseTensor {
  return unpackSymmetric(addSymmetricNoise(packKruskal(truth), { level, seed }));
}

/** Formed at once: a tensor given by its factors is, too, when it is decomposed. */
function general(args: Arguments): Planted {
  const settings = generalSettings(args);
  const { shape, seed, noise } = settings;
  requireEntries(shape);
  const { tensor, truth } = plantedCp(settings);
  return { shape, truth, noise, seed, settings, entries: () => tensor };
}

/** Some entries of one; it is formed for a .npy file alone. */
function partly(args: Arguments, formed: boolean): Planted {
  const share = args.number('share', 'a share such as 0.2') ?? missing('--share X', '--share 0.2');
  const settings = { ...generalSettings(args), share, ...given('corrupt', args.number('corrupt')) };
  const { shape, seed, noise } = settings;
  if (formed) requireEntries(shape);
  const { target, truth } = plantedObserved(settings);
  return { shape, truth, noise, seed, settings, observed: target, entries: () => withGaps(target) };
}

function withGaps({ shape, indices, values }: ObservedTarget): DenseTensor {
  const data = new Float64Array(sizeOf(shape)).fill(NaN);
  values.forEach((value, e) => {
    const index = indices.subarray(e * shape.length, (e + 1) * shape.length);
    data[index.reduce((offset, i, k) => offset * (shape[k] ?? 1) + i, 0)] = value;
  });
  return { shape, data };
}

function generalSettings(args: Arguments) {
  const shape = args.numbers('shape', 'sizes such as 30x20x10') ?? missing('--shape SIZES', '--shape 30x20x10');
  shape.forEach((size) => requireInteger('generate', 'every size of --shape', size, 1));
  if (shape.length < 2) {
    throw new InputError(`generate: expected at least 2 sizes after --shape, got ${shape.join()}. Give one per mode.`);
  }
  const { rank, seed, noise } = common(args);
  requireFactorNumbers(rank * shape.reduce((sum, size) => sum + size, 0));
  return {
    shape,
    rank,
    seed,
    noise,
    ...given('collinearity', args.number('cosine')),
    ...given('weights', args.numbers('weights', 'numbers with commas between them')),
  };
}

function common(args: Arguments): { rank: number; seed: number; noise: number } {
  const rank = integer(args, 'rank', 1) ?? missing('--rank R', '--rank 3');
  const noise = args.number('noise') ?? 0;
  requireBetween('generate', '--noise', noise, 0, Number.MAX_VALUE);
  return { rank, seed: integer(args, 'seed', 0) ?? 0, noise };
}

function integer(args: Arguments, name: string, least: number): number | undefined {
  const value = args.number(name, 'an integer');
  if (value !== undefined) requireInteger('generate', `--${name}`, value, least);
  return value;
}

function weightRange(args: Arguments): [number, number] | undefined {
  const range = args.numbers('weight-range', 'two numbers such as 0.5,1.5');
  if (range === undefined) return undefined;
  const [least, most] = range;
  if (least !== undefined && most !== undefined && range.length === 2) return [least, most];
  throw args.wrong('weight-range', 'two numbers such as 0.5,1.5');
}

/** A field where there is a value for it, else none. */
function given<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: V });
}

function missing(what: string, example: string): never {
  throw new InputError(`generate: expected ${what}, got none. Give it, as in ${example}.`);
}

function requireOptionsOf(kind: ProblemKind, args: Arguments): void {
  const others = Object.values(optionsOfKind).flat();
  const foreign = others.find((name) => args.has(name) && !optionsOfKind[kind].includes(name));
  if (foreign === undefined) return;
  const kinds = problemKinds.filter((one) => optionsOfKind[one].includes(foreign)).join(' or ');
  throw new InputError(
    `generate: expected --${foreign} with ${kinds} only, got it with ${kind}. Leave --${foreign} out.`,
  );
}

function requireEntries(shape: readonly number[]): void {
  const entries = sizeOf(shape);
  if (entries <= maxEntries) return;
  throw new InputError(
    `generate: expected at most ${maxEntries} entries, got ${entries}. Lower the sizes, or keep a symmetric tensor in factored form with --out NAME.json.`,
  );
}

function requireFactorNumbers(numbers: number): void {
  if (numbers <= maxFactorNumbers) return;
  throw new InputError(
    `generate: expected components of at most ${maxFactorNumbers} numbers together, got ${numbers}. Lower --rank or the sizes.`,
  );
}

/** Errors of the library in words of the command line. */
function inFlags<T>(plant: () => T): T {
  try {
    return plant();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const flag = (name: string): string => `--${name === 'collinearity' ? 'cosine' : kebabCase(name)}`;
    const message = error.message
      .replace(/^\w+: /, 'generate: ')
      .replace(/expected (\w+) to be/, (_, name: string) => `expected ${flag(name)} to be`)
      .replace(/Change (\w+)\.$/, (_, name: string) => `Change ${flag(name)}.`)
      .replace('mixedSigns adds signs', '--signs mixed adds signs');
    throw new InputError(message, { cause: error });
  }
}
