// The help texts, made from what the commands say about themselves.
import type { OptionSpec } from './arguments.js';
import type { Command } from './command.js';

const helpOption = { help: 'print this text' } satisfies OptionSpec;

export function overview(commands: readonly Command[]): string {
  return `Finds the rank-one components of a tensor (CP decomposition), on WebGPU or the CPU.

Usage: polyadic COMMAND [options]

${table(commands.map(({ name, operands, summary }) => [[name, ...operands].join(' '), summary]))}

  polyadic COMMAND --help   options of a command
  polyadic --version        the version

Exit code 0: a result was written. 1: the run failed. 2: bad input or usage, told in one line.
`;
}

export function commandHelp({ name, operands, summary, options, notes }: Command): string {
  const rows = Object.entries({ ...options, help: helpOption }).map(([option, spec]) => {
    const { value, isValueOptional, help } = spec as OptionSpec;
    return [['--' + option, isValueOptional ? `[${value}]` : value].filter(Boolean).join(' '), help];
  });
  return `${summary[0]?.toUpperCase()}${summary.slice(1)}.

Usage: polyadic ${[name, ...operands].join(' ')} [options]

${table(rows)}

${notes}
`;
}

function table(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}   ${right}`).join('\n');
}
