// The words of a command line: finds the command, runs it, and turns what went wrong into an exit code and one line on stderr.
// 0: a result was written; 1: the run failed; 2: bad input or usage. Stack traces are for bugs of our own only.
import { BackendError, InputError } from '../errors.js';
import { terminalOf } from '../node/terminal.js';
import { version } from '../node/version.js';
import { requireKnownNames } from '../names.js';
import { parseArguments } from './arguments.js';
import type { Command } from './command.js';
import { completeCommand } from './commands/complete.js';
import { decomposeCommand } from './commands/decompose.js';
import { generateCommand } from './commands/generate.js';
import { infoCommand } from './commands/info.js';
import { matchCommand } from './commands/match.js';
import { ranksCommand } from './commands/ranks.js';
import { withFlags } from './flags.js';
import { commandHelp, overview } from './help.js';

const commands: readonly Command[] = [
  decomposeCommand,
  ranksCommand,
  completeCommand,
  generateCommand,
  matchCommand,
  infoCommand,
];

/** The exit code; an InputError or another failure is told on stderr. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    return await runCommand(words);
  } catch (error) {
    return fail(error);
  }
}

async function runCommand(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  const wantsHelp = words.some((word) => word === '--help' || word === '-h');
  const command = commands.find((one) => one.name === name);
  if (command && !wantsHelp) return command.run(parseArguments(command, rest));
  if (command) return print(commandHelp(command));
  if (wantsHelp) return print(overview(commands));
  if (name === '--version' || name === '-V') return print(`${version}\n`);
  const names = commands.map((one) => one.name);
  if (name === undefined) {
    throw new InputError(`polyadic: expected a command (${names.join(', ')}), got nothing. See polyadic --help.`);
  }
  const what = name.startsWith('-') ? 'option' : 'command';
  requireKnownNames('polyadic', [name], what === 'option' ? ['--help', '--version'] : names, what);
  return 2;
}

function print(text: string): number {
  process.stdout.write(terminalOf(process.stdout).plain(text));
  return 0;
}

function fail(error: unknown): number {
  if (error instanceof InputError) return complain(error.message, 2);
  if (error instanceof BackendError) return complain(error.message, 1);
  if (error instanceof RangeError && /array length|allocation failed/i.test(error.message)) {
    return complain(`not enough memory (${error.message}). Ask for a lower rank, width or fewer starts.`, 1);
  }
  process.stderr.write(`polyadic ${version}: this is a bug; please report it with the command that led here.\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

/** One line, whatever the names of files and the contents of headers hold. Options by the names they have here. */
function complain(message: string, code: number): number {
  const here = withFlags(message).replace(/^polyadic: /, '');
  process.stderr.write(`polyadic: ${here.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()}\n`);
  return code;
}
