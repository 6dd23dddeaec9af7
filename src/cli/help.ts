// The help texts, made from what the commands say about themselves.
import { shortNames, type OptionSpec } from './arguments.js';
import type { Command } from './command.js';

const helpOption = { help: 'print this text' } satisfies OptionSpec;

export function overview(commands: readonly Command[]): string {
  return `Finds the rank-one components of a tensor (CP, PARAFAC), on WebGPU or the CPU.

Usage: polyadic COMMAND [options]

${table(commands.map(({ name, operands, summary }) => [[name, ...operands].join(' '), summary]))}

  polyadic help COMMAND   options and examples of a command
  polyadic version        the version

Start with: polyadic examples unemployment, which has its data with it, or
polyadic decompose FILE, where FILE is a .npy, .csv, .tns or .json

Exit code 0: a result was written. 1: the run failed. 2: bad input or usage,
told in one line. 130, 143: stopped by Ctrl-C or SIGTERM, with what there was.
`;
}

export function commandHelp({ name, operands, summary, options, notes }: Command): string {
  const all: Readonly<Record<string, OptionSpec>> = { ...options, help: helpOption };
  const rows = Object.entries(all).map(([option, { value, isValueOptional, help }]) => {
    const short = shortNames[option];
    const names = short === undefined ? `--${option}` : `-${short}, --${option}`;
    return [[names, isValueOptional ? `[${value}]` : value].filter(Boolean).join(' '), help];
  });
  return `${summary[0]?.toUpperCase()}${summary.slice(1)}.

Usage: polyadic ${[name, ...operands].join(' ')} [options]

Options:

${table(rows)}

${wrapParagraphs(notes)}
`;
}

/** Columns of a line: what every terminal has. */
const lineLength = 80;
/** Columns of the left side; what is longer has a line of its own. */
const leftLength = 22;

function table(rows: readonly (readonly string[])[]): string {
  return rows
    .flatMap(([left = '', right = '']) => {
      const lines = wrapped(right, lineLength - leftLength - 4);
      const first = left.length > leftLength ? [...wrapped(left, lineLength - 2, /(?<=\|)/), ''] : [left];
      const heads = first.length > 1 ? first.slice(0, -1).map((part) => `  ${part}`) : [];
      const label = first.length > 1 ? '' : left;
      return [...heads, ...lines.map((line, at) => `  ${(at === 0 ? label : '').padEnd(leftLength)}  ${line}`)];
    })
    .join('\n');
}

/** Prose in lines; a table, whose rows are indented, below its head; examples, which are indented, stay as they are. */
function wrapParagraphs(text: string): string {
  return text
    .split('\n\n')
    .map((part) => {
      if (part.startsWith('  ')) return `Examples:\n\n${part}`;
      const [head = '', ...rows] = part.split('\n');
      if (rows[0]?.startsWith('  ')) return `${head}\n\n${table(rows.map((row) => row.trim().split(/ {2,}/)))}`;
      return wrapped(part.replaceAll('\n', ' '), lineLength).join('\n');
    })
    .join('\n\n');
}

function wrapped(text: string, length: number, between = /(?<= )/): string[] {
  const lines = [''];
  for (const word of text.split(between)) {
    const last = lines.length - 1;
    if (lines[last] !== '' && `${lines[last] ?? ''}${word}`.trimEnd().length > length) lines.push(word);
    else lines[last] = `${lines[last] ?? ''}${word}`;
  }
  return lines.map((line) => line.trimEnd());
}
