// `--config FILE.json`: options from a file, { "rank": 3, "nonnegative": true }, or from the result.json of an earlier run, which is
// then computed again and compared. What is typed counts more than what the file says.
import { readFileSync } from 'node:fs';
import { InputError } from '../errors.js';
import { factorMatchScore, symmetricToKruskal, type AnyKruskal, type Decomposition } from '../index.js';
import { kruskalFromJson } from '../io/index.js';
import { isRecord, kebabCase } from '../names.js';
import { shortNames, type Arguments } from './arguments.js';
import type { Command } from './command.js';

/** Options that say where results go: an earlier run's are not taken over. */
const outputs = ['out', 'force', 'plot', 'html', 'ktensor', 'checkpoint', 'resume', 'json', 'quiet', 'config'];

/** The words of the command line, with those of the file that --config names. @throws InputError for a file that holds neither. */
export function withConfig({ options }: Command, words: readonly string[]): string[] {
  const at = words.findIndex((word) => word === '--config' || word.startsWith('--config='));
  if (at < 0) return [...words];
  const file = words[at]?.split('=')[1] ?? words[at + 1];
  if (file === undefined) return [...words];
  const config = readConfig(file);
  const earlier = config['arguments'];
  const all = isWords(earlier) ? earlier : wordsOf(config);
  return [...words, ...notTyped(options, all, words)];
}

/** Whether the components are those of the file of --config; nothing where it holds none. */
export function comparison(args: Arguments, result: Decomposition): string[] {
  const file = args.text('config');
  const config = file === undefined ? {} : readConfig(file);
  if (!('weights' in config)) return [];
  const model = (one: AnyKruskal) => ('vectors' in one ? symmetricToKruskal(one) : one);
  const earlier = model(kruskalFromJson(config));
  const score = factorMatchScore(model(result.kruskal), earlier);
  const verdict = score > 0.9999 ? 'agrees with' : 'does not agree with';
  return [`the answer ${verdict} ${file}: factor match score ${score.toFixed(4)}`];
}

function readConfig(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isRecord(value)) return value;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`--config: expected a .json file, got ${file} (${reason}). Check the path and the file.`, {
      cause,
    });
  }
  throw new InputError(`--config: expected an object in ${file}, got another value. Write { "rank": 3 }.`);
}

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string');

const wordsOf = (config: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(config).flatMap(([name, value]) => {
    if (name === 'input') return [String(value)];
    if (value === false) return [];
    const flag = `--${kebabCase(name)}`;
    return value === true ? [flag] : [`${flag}=${Array.isArray(value) ? value.join(',') : String(value)}`];
  });

/** Without the options that were typed, and without the input where one was typed. */
function notTyped(options: Command['options'], words: readonly string[], typed: readonly string[]): string[] {
  const nameOf = (word: string): string | undefined => {
    const long = /^--([^=]+)/.exec(word)?.[1];
    return long ?? Object.entries(shortNames).find(([, letter]) => word === `-${letter}`)?.[0];
  };
  const left = new Set([...outputs, ...typed.map(nameOf)]);
  const hasInput = typed[0] !== undefined && !typed[0].startsWith('-');
  const found: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const name = nameOf(word);
    const spec = name === undefined ? undefined : options[name];
    const takesNext =
      spec?.value !== undefined && !word.includes('=') && (!spec.isValueOptional || /^\d/.test(words[at + 1] ?? ''));
    const part = takesNext ? words.slice(at, ++at + 1) : [word];
    if (name === undefined ? !hasInput : !left.has(name)) found.push(...part);
  }
  return found;
}
