// Options of algorithms as flags: `--learning-rate 0.03` is { learningRate: 0.03 }. Names, values, defaults and help come from the
// option tables of the algorithms, which also check ranges. Used by the commands decompose and complete.
import { InputError } from '../errors.js';
import { optionTable, type AlgorithmChoice, type AlgorithmKind, type AlgorithmOption } from '../index.js';
import { kebabCase } from '../names.js';
import type { Arguments, OptionSpec } from './arguments.js';

type CommandLineOption = Exclude<AlgorithmOption, { type: 'model' | 'record' }>;

/** Flags of an algorithm: its options that a command line can give. */
function flagsOf(kind: AlgorithmKind): [flag: string, name: string, option: CommandLineOption][] {
  return Object.entries(optionTable(kind)).flatMap(([name, option]) =>
    option.type === 'model' || option.type === 'record' ? [] : [[flagOf(name, option), name, option]],
  );
}

/** A switch that is on unless it is turned off is given to turn it off. */
const flagOf = (name: string, option: CommandLineOption): string =>
  option.type === 'switch' && option.isUsuallyOn ? `no-${kebabCase(name)}` : kebabCase(name);

/** The flags of some algorithms, with help; where there are several, each says whose it is. */
export function algorithmFlags(kinds: readonly AlgorithmKind[]): Record<string, OptionSpec> {
  const texts = new Map<string, Map<string, AlgorithmKind[]>>();
  const values = new Map<string, string>();
  for (const kind of kinds) {
    for (const [flag, , option] of flagsOf(kind)) {
      const value = valueText(option);
      if (value !== undefined) values.set(flag, value);
      const ofFlag = texts.get(flag) ?? new Map<string, AlgorithmKind[]>();
      const text = helpText(option);
      texts.set(flag, ofFlag.set(text, [...(ofFlag.get(text) ?? []), kind]));
    }
  }
  const specs = [...texts].map(([flag, byText]): [string, OptionSpec] => {
    const parts = [...byText].map(([text, owners]) =>
      kinds.length === 1 ? text : `${owners.map(kebabCase).join(', ')}: ${text}`,
    );
    const value = values.get(flag);
    return [flag, { help: parts.join('. '), ...(value === undefined ? {} : { value }) }];
  });
  return Object.fromEntries(specs);
}

/** What an option's value looks like; nothing for a switch. */
function valueText(option: CommandLineOption): string | undefined {
  if (option.type === 'switch') return undefined;
  if (option.type === 'choice') return option.values.map(kebabCase).join('|');
  if (option.type === 'modes') return 'MODES';
  return option.integer ? 'N' : 'X';
}

function helpText({ help, usually, ...option }: CommandLineOption): string {
  if (option.type === 'switch' && option.isUsuallyOn) return `leaves out: ${help}`;
  const standard = usually ?? ('default' in option ? option.default?.toString() : undefined);
  const text = standard === undefined ? help : `${help}; default: ${standard}`;
  // Names of values in quotes, and a default that is one.
  return text.replaceAll(/'(\w+)'/g, (_, name: string) => kebabCase(name)).replace(/(?<=default: )\w+$/, kebabCase);
}

/** The algorithm with what was given of its options. @throws InputError for options of other algorithms. */
export function choiceOf<K extends AlgorithmKind>(
  kind: K,
  kinds: readonly AlgorithmKind[],
  args: Arguments,
): Extract<AlgorithmChoice, { kind: K }> {
  const own = flagsOf(kind);
  for (const flag of kinds.flatMap((other) => flagsOf(other).map(([name]) => name))) {
    if (!args.has(flag) || own.some(([name]) => name === flag)) continue;
    const owners = kinds.filter((other) => flagsOf(other).some(([name]) => name === flag)).map(kebabCase);
    throw new InputError(
      `${args.command}: expected --${flag} with ${owners.join(', ')} only, got it with ${kebabCase(kind)}. Leave --${flag} out.`,
    );
  }
  const given = own.flatMap(([flag, name, option]) => (args.has(flag) ? [[name, valueOf(flag, option, args)]] : []));
  return { kind, ...Object.fromEntries(given) } as Extract<AlgorithmChoice, { kind: K }>;
}

function valueOf(flag: string, option: CommandLineOption, args: Arguments): unknown {
  if (option.type === 'switch') return !option.isUsuallyOn;
  if (option.type === 'number') return args.number(flag, option.integer ? 'an integer' : 'a number');
  if (option.type === 'modes') return args.numbers(flag, 'modes such as 0,2');
  const named = args.oneOf(flag, option.values.map(kebabCase));
  return option.values.find((value) => kebabCase(value) === named);
}
