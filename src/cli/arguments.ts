// Splits the words after a command into operands and options, by Node's parseArgs, and says in one line what is wrong.
// `--rank 3` and `--rank=3` are the same; a value may start with one dash (`--rank -1` reaches the check of the rank).
import { parseArgs } from 'node:util';
import { InputError } from '../errors.js';
import { requireKnownNames } from '../names.js';

export interface OptionSpec {
  /** Name of the value in the help; none for a switch. */
  readonly value?: string;
  /** Whether the option may stand alone. The next word is its value if it is a list of numbers, or one word more than the operands. */
  readonly isValueOptional?: boolean;
  readonly help: string;
}

/** What a command takes. */
export interface Syntax {
  readonly name: string;
  /** Names of what comes before the options; [NAME] may be left out. */
  readonly operands: readonly string[];
  /** By name, without the dashes. */
  readonly options: Readonly<Record<string, OptionSpec>>;
}

/** Options that have a letter too. */
export const shortNames: Readonly<Record<string, string>> = { rank: 'r', out: 'o', help: 'h' };

export class Arguments {
  /** The command that was called. */
  readonly command: string;
  readonly #values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** All of it as it was typed. */
  readonly words: readonly string[];

  constructor(
    command: string,
    operands: readonly string[],
    values: ReadonlyMap<string, string>,
    words: readonly string[] = [],
  ) {
    this.command = command;
    this.operands = operands;
    this.words = words;
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Any number that is written as one; whoever uses it checks its range. */
  number(name: string, expected = 'a number'): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = numberIn(text);
    if (value !== undefined) return value;
    throw this.wrong(name, expected);
  }

  /** Numbers with commas or an x between them: 30x20x10, 1,0.5. */
  numbers(name: string, expected = 'numbers'): number[] | undefined {
    const values = this.text(name)?.split(/[,x×]/).map(numberIn);
    const numbers = values?.filter((value) => value !== undefined);
    if (numbers?.length !== values?.length) throw this.wrong(name, expected);
    return numbers;
  }

  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    requireKnownNames(`${this.command}: --${name}`, [text], known, 'value');
    return known.find((one) => one === text);
  }

  wrong(name: string, expected: string): InputError {
    const got = this.text(name) || 'nothing';
    return new InputError(
      `${this.command}: expected ${expected} after --${name}, got ${got}. See ${this.command} --help.`,
    );
  }
}

function numberIn(text: string): number | undefined {
  const value = Number(text);
  return /^[-+]?(\d|\.\d)/.test(text) && Number.isFinite(value) ? value : undefined;
}

/** @throws InputError for unknown, repeated and incomplete options, and for a wrong number of operands. */
export function parseArguments({ name, options, operands }: Syntax, words: readonly string[]): Arguments {
  const types = Object.entries(options).map(
    ([option, { value, isValueOptional }]) =>
      [option, { type: value && !isValueOptional ? 'string' : 'boolean', ...shortOf(option) }] as const,
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const found: string[] = [];
  // Words that no operand is left for.
  let spare = tokens.filter(({ kind }) => kind === 'positional').length - operands.length;
  let open: { readonly name: string; readonly index: number } | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      const isValue = open?.index === token.index - 1 && (spare > 0 || /^\d+(,\d+)*$/.test(token.value));
      if (open && isValue) values.set(open.name, token.value);
      else found.push(token.value);
      if (isValue) spare--;
    }
    if (token.kind !== 'option') continue;
    if (!(token.name in options)) {
      const known = Object.keys(options).map((option) => `--${option}`);
      requireKnownNames(name, [token.rawName], known);
    }
    if (values.has(token.name)) {
      throw new InputError(`${name}: expected ${token.rawName} once, got it twice. Leave one out.`);
    }
    const { value, isValueOptional } = options[token.name]!;
    const isAlone = isValueOptional && token.value === undefined;
    if (isAlone) open = token;
    values.set(token.name, isAlone ? '' : valueOf(name, token.rawName, value, token.value, token.inlineValue));
  }
  requireOperands(name, operands, found);
  return new Arguments(name, found, values, words);
}

function shortOf(option: string): { readonly short?: string } {
  const short = shortNames[option];
  return short === undefined ? {} : { short };
}

function valueOf(
  command: string,
  option: string,
  placeholder: string | undefined,
  value: string | undefined,
  inline: boolean | undefined,
): string {
  if (placeholder === undefined) {
    if (value === undefined) return '';
    throw new InputError(`${command}: expected ${option} alone, got ${option}=${value}. Leave the value out.`);
  }
  if (value !== undefined && value !== '' && (inline || !value.startsWith('--'))) return value;
  throw new InputError(
    `${command}: expected a value after ${option}, got ${value || 'nothing'}. Write ${option} ${placeholder}.`,
  );
}

function requireOperands(command: string, expected: readonly string[], found: readonly string[]): void {
  const required = expected.filter((operand) => !operand.startsWith('['));
  if (found.length >= required.length && found.length <= expected.length) return;
  const usage = [command, ...expected].join(' ');
  const got = found.length === 0 ? 'nothing' : found.join(' ');
  throw new InputError(
    `${command}: expected ${expected.join(' and ') || 'options only'}, got ${got}. Usage: ${usage} [options].`,
  );
}
