// The options of an algorithm as a table: one row per option with its type, default, range, unit and one sentence. From the table come
// the TypeScript type, validation before any device is opened, defaults, and the options and help of the command line.
import { InputError } from '../errors.js';
import { requireKnownNames, requireNamedOptions, shown } from '../names.js';
import type { AnyKruskal } from '../tensor/kruskal.js';

interface Described {
  /** One sentence: what it does and how it is chosen. */
  readonly help: string;
  /** The default in words, where it is not a constant. */
  readonly usually?: string;
}

export interface NumberOption extends Described {
  readonly type: 'number';
  readonly default?: number;
  /** Smallest value, or `above` for a limit that is not reached itself. */
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly multipleOf?: number;
  /** Whether Infinity is a value too: without end. */
  readonly mayBeInfinite?: boolean;
  /** 'target': it scales with the target, like a weight. Default: a pure number. */
  readonly unit?: 'target';
}

export interface SwitchOption extends Described {
  readonly type: 'switch';
  readonly default?: boolean;
  /** Whether it is on unless it is turned off: on the command line by --no-NAME. */
  readonly isUsuallyOn?: boolean;
}

export interface ChoiceOption<V extends string> extends Described {
  readonly type: 'choice';
  readonly values: readonly V[];
  readonly default?: V;
}

/** A model of the target's shape, which scales with the target. */
export interface ModelOption<K extends AnyKruskal> extends Described {
  readonly type: 'model';
  /** Only there for the type. */
  readonly model?: K;
}

/** Numbers of modes, all different. */
export interface ModesOption extends Described {
  readonly type: 'modes';
}

/** A value with a structure of its own; not for the command line. */
export interface RecordOption<V extends object> extends Described {
  readonly type: 'record';
  readonly default?: V;
  /** What is wrong with a value: what was expected, in words; undefined where nothing is. */
  expected(value: V): string | undefined;
}

export type Option =
  NumberOption | SwitchOption | ChoiceOption<string> | ModesOption | ModelOption<AnyKruskal> | RecordOption<object>;

export type OptionTable = Readonly<Record<string, Option>>;

export type ValueOf<O> = O extends { type: 'number' }
  ? number
  : O extends { type: 'switch' }
    ? boolean
    : O extends { type: 'modes' }
      ? readonly number[]
      : O extends ChoiceOption<infer V>
        ? V
        : O extends RecordOption<infer V>
          ? V
          : O extends ModelOption<infer K>
            ? K
            : never;

/** What a caller may give: every option may be left out. */
export type OptionsOf<T extends OptionTable> = { readonly [N in keyof T]?: ValueOf<T[N]> };

/** The same where defaults that are constants are filled in. */
export type FilledOptions<T extends OptionTable> = {
  readonly [N in keyof T as T[N] extends { default: unknown } ? N : never]: ValueOf<T[N]>;
} & { readonly [N in keyof T as T[N] extends { default: unknown } ? never : N]?: ValueOf<T[N]> };

/** Options with the constant defaults of their table filled in. */
export function withDefaults<T extends OptionTable>(table: T, options: OptionsOf<T>): FilledOptions<T> {
  const defaults = Object.entries(table).flatMap(([name, option]) =>
    'default' in option && option.default !== undefined ? [[name, option.default] as const] : [],
  );
  const given = Object.entries(options).filter(([name, value]) => name in table && value !== undefined);
  return Object.fromEntries([...defaults, ...given]) as FilledOptions<T>;
}

/** @throws InputError for the first option that the table does not have, or whose value is not of its type and range. */
export function requireOptions(who: string, table: OptionTable, options: object): void {
  requireNamedOptions(who, options, ['kind', ...Object.keys(table)]);
  const entries: [string, unknown][] = Object.entries(options);
  for (const [name, value] of entries) {
    const option = table[name];
    if (!option || value === undefined) continue;
    if (option.type === 'choice') {
      requireKnownNames(who, [value], option.values, `value of ${name}`);
      continue;
    }
    const expected = expectation(option, value);
    if (expected === undefined) continue;
    throw new InputError(`${who}: expected ${name} to be ${expected}, got ${shown(value)}. Change ${name}.`);
  }
}

/** What was expected instead of the value; undefined where it is right. */
function expectation(option: Exclude<Option, ChoiceOption<string>>, value: unknown): string | undefined {
  switch (option.type) {
    case 'number':
      return isInRange(option, value) ? undefined : rangeText(option);
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'modes':
      return areModes(value) ? undefined : 'a list of different modes';
    case 'model':
      return isFiniteModel(value) ? undefined : 'a model of finite numbers';
    case 'record':
      return typeof value === 'object' && value !== null ? option.expected(value) : 'an object';
    default:
      return option satisfies never;
  }
}

const areModes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((mode) => Number.isInteger(mode) && mode >= 0) &&
  new Set(value).size === value.length;

/** Whether a caller's value is { weights, factors } or { order, weights, vectors } with finite numbers. */
export function isFiniteModel(value: unknown): value is AnyKruskal {
  if (typeof value !== 'object' || value === null || !('weights' in value)) return false;
  const matrices = 'vectors' in value ? [value.vectors] : 'factors' in value ? value.factors : undefined;
  return areFinite(value.weights) && Array.isArray(matrices) && matrices.every(isFiniteMatrix);
}

const isFiniteMatrix = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'data' in value && 'rows' in value && areFinite(value.data);

const areFinite = (values: unknown): boolean =>
  (ArrayBuffer.isView(values) || Array.isArray(values)) &&
  Array.from(values as ArrayLike<unknown>).every(Number.isFinite);

function isInRange(
  { min = -Infinity, above, max = Infinity, integer, multipleOf = 0, mayBeInfinite }: NumberOption,
  value: unknown,
): boolean {
  return (
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (Number.isFinite(value) || (mayBeInfinite === true && value === Infinity)) &&
    (above === undefined || value > above) &&
    (!integer || Number.isInteger(value)) &&
    (multipleOf === 0 || value % multipleOf === 0)
  );
}

/** "a number above 0", "an integer from 1 to 10", "a multiple of 50 from 50". */
export function rangeText({ min, above, max, integer, multipleOf }: NumberOption): string {
  const kind = multipleOf ? `a multiple of ${multipleOf}` : integer ? 'an integer' : 'a number';
  const begin = above === undefined ? (min === undefined ? '' : ` from ${min}`) : ` above ${above}`;
  const end =
    max === undefined ? '' : begin === '' ? ` up to ${max}` : above === undefined ? ` to ${max}` : `, at most ${max}`;
  return `${kind}${begin}${end}`;
}

/** Options as a problem of another scale and shape has them: numbers in units of the target times `factor`, models mapped. */
export function mapOptions<O extends object>(
  table: OptionTable,
  options: O,
  { factor, model }: { readonly factor: number; readonly model: (model: AnyKruskal) => AnyKruskal },
): O {
  const mapped = Object.entries(options).map(([name, value]: [string, unknown]) => {
    const option = table[name];
    if (option?.type === 'model' && value) return [name, model(value as AnyKruskal)];
    if (option?.type === 'number' && option.unit === 'target' && typeof value === 'number')
      return [name, value * factor];
    return [name, value];
  });
  return Object.fromEntries(mapped) as O;
}
