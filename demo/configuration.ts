// What a visitor can choose, as one plain object, and its text form: the hash of the page's address. Every control is
// made from the table `fields`, every hash is read and checked against it, so the two cannot drift apart.

export type Problem = 'symmetric' | 'dense';

export interface Configuration {
  readonly problem: Problem;
  readonly order: number;
  readonly dim: number;
  /** Components of the truth. */
  readonly rank: number;
  /** Components to start with (dense: the rank to fit). */
  readonly width: number;
  readonly noise: number;
  readonly collinearity: number;
  /** Of the truth. */
  readonly problemSeed: number;
  /** Of the start. */
  readonly seed: number;
  readonly initScale: number;
  /** Step of the descent as a multiple of the library's default. */
  readonly rate: number;
  readonly starts: number;
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly backend: 'auto' | 'webgpu' | 'cpu';
  readonly speed: 'slow' | 'frame' | 'fast';
}

export type FieldName = keyof Configuration;
export type NumberFieldName = Exclude<FieldName, 'problem' | 'backend' | 'speed'>;

interface FieldCommon {
  readonly label: string;
  readonly hint?: string;
  /** Problems that have it. Default: all. */
  readonly only?: Problem;
}

export interface NumberField extends FieldCommon {
  readonly kind: 'integer' | 'number';
  readonly least: number;
  readonly most: number;
}

export interface ChoiceField extends FieldCommon {
  readonly kind: 'choice';
  /** Value and label; numbers are chosen as text. */
  readonly choices: readonly (readonly [value: string | number, label: string])[];
}

export type Field = NumberField | ChoiceField;

const integer = (label: string, least: number, most: number, rest: Omit<FieldCommon, 'label'> = {}): Field => ({
  kind: 'integer',
  label,
  least,
  most,
  ...rest,
});
const number = (label: string, least: number, most: number, rest: Omit<FieldCommon, 'label'> = {}): Field => ({
  kind: 'number',
  label,
  least,
  most,
  ...rest,
});
const choice = (label: string, choices: ChoiceField['choices'], rest: Omit<FieldCommon, 'label'> = {}): Field => ({
  kind: 'choice',
  label,
  choices,
  ...rest,
});

const largestSeed = 4_294_967_295;

export const fields: Readonly<Record<FieldName, Field>> = {
  problem: choice('Problem', [
    ['symmetric', 'Symmetric, gradient descent'],
    ['dense', 'Dense, least squares (ALS)'],
  ]),
  order: choice('Order', [
    [3, '3'],
    [4, '4'],
  ]),
  dim: integer('Dimension d', 2, 32),
  rank: integer('True rank r', 1, 8),
  width: integer('Components m', 1, 96, { hint: 'how many to start with' }),
  noise: number('Noise', 0, 1, { only: 'dense', hint: 'relative to the signal' }),
  collinearity: number('Collinearity', 0, 0.99, { only: 'dense', hint: 'cosine between true columns' }),
  problemSeed: integer('Seed of the truth', 0, largestSeed),
  seed: integer('Seed of the start', 0, largestSeed),
  initScale: number('Init scale', 1e-9, 1, { only: 'symmetric', hint: 'size of the first weights' }),
  rate: number('Learning rate', 0.01, 8, { only: 'symmetric', hint: '× the library’s default' }),
  starts: integer('Starts', 1, 16, { only: 'dense', hint: 'run as one batch' }),
  tolerance: number('Tolerance', 0, 0.5),
  maxSteps: integer('Step limit', 1, 200_000),
  backend: choice('Backend', [
    ['auto', 'auto'],
    ['webgpu', 'WebGPU'],
    ['cpu', 'CPU'],
  ]),
  speed: choice('Speed', [
    ['slow', 'slow'],
    ['frame', 'normal'],
    ['fast', 'fast'],
  ]),
};

const shared = { backend: 'auto', speed: 'frame' } as const;

export const defaults: Readonly<Record<Problem, Configuration>> = {
  symmetric: {
    ...shared,
    problem: 'symmetric',
    order: 4,
    dim: 10,
    rank: 4,
    width: 32,
    noise: 0,
    collinearity: 0,
    problemSeed: 12,
    seed: 2,
    initScale: 0.001,
    // A tenth of the default: small steps follow the gradient flow, and every discovery can be seen.
    rate: 0.1,
    starts: 1,
    tolerance: 0.01,
    maxSteps: 20_000,
  },
  dense: {
    ...shared,
    problem: 'dense',
    order: 3,
    dim: 16,
    rank: 4,
    width: 4,
    noise: 0.01,
    collinearity: 0.8,
    problemSeed: 1,
    seed: 7,
    initScale: 0.1,
    rate: 1,
    starts: 4,
    tolerance: 1e-8,
    maxSteps: 1000,
  },
};

export const fieldNames = Object.keys(fields) as FieldName[];

/** The fields that a problem has, in the order of the table. */
export const fieldsOf = (problem: Problem): FieldName[] =>
  fieldNames.filter((name) => fields[name].only === undefined || fields[name].only === problem);

/** `problem=symmetric&order=3&…`, every field of the problem, so that the link means the same after defaults change. */
export function toHash(configuration: Configuration): string {
  const entries = fieldsOf(configuration.problem).map((name) => [name, String(configuration[name])]);
  return new URLSearchParams(entries).toString();
}

/** Missing fields get their default; what cannot be used is left out and told in `complaints`. */
export function fromHash(hash: string): { configuration: Configuration; complaints: string[] } {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const problem: Problem = given.get('problem') === 'dense' ? 'dense' : 'symmetric';
  const known = fieldsOf(problem);
  const complaints: string[] = [];
  const chosen: Partial<Record<FieldName, string | number>> = {};
  for (const [name, text] of given) {
    const field = known.find((one) => one === name);
    const value = field && parseField(fields[field], text);
    if (field && value !== undefined) chosen[field] = value;
    else complaints.push(complaint(name, text, field, problem));
  }
  return { configuration: { ...defaults[problem], ...chosen } as Configuration, complaints };
}

/** The value that a text stands for, or undefined. */
export function parseField(field: Field, text: string): string | number | undefined {
  if (field.kind === 'choice') return field.choices.map(([value]) => value).find((value) => String(value) === text);
  const value = text.trim() === '' ? NaN : Number(text);
  const whole = field.kind === 'number' || Number.isInteger(value);
  return whole && value >= field.least && value <= field.most ? value : undefined;
}

/** What a field takes, in words. */
export function expectation(field: Field): string {
  if (field.kind === 'choice') return `one of ${field.choices.map(([value]) => value).join(', ')}`;
  const range = `from ${field.least.toLocaleString('en')} to ${field.most.toLocaleString('en')}`;
  return `${field.kind === 'integer' ? 'a whole number' : 'a number'} ${range}`;
}

function complaint(name: string, text: string, field: FieldName | undefined, problem: Problem): string {
  if (!field) return `The address has an unknown setting, ${name}; it is ignored.`;
  return `The address asks for ${name} = ${text}, but it must be ${expectation(fields[field])}; ${String(defaults[problem][field])} is used.`;
}
