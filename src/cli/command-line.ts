// The words of a command line: finds the command, runs it, and turns what went wrong into an exit code and one line on stderr.
// 0: a result was written; 1: the run failed; 2: bad input or usage; 130, 143: stopped by Ctrl-C,
// SIGTERM. Stack traces are for bugs of our own only.
import { BackendError, InputError } from '../errors.js';
import { terminalOf } from '../node/terminal.js';
import { version } from '../node/version.js';
import { requireKnownNames } from '../names.js';
import { parseArguments } from './arguments.js';
import type { Command } from './command.js';
import { withConfig } from './config.js';
import { completeCommand } from './commands/complete.js';
import { completionCommand } from './commands/completion.js';
import { decomposeCommand } from './commands/decompose.js';
import { examplesCommand } from './commands/examples.js';
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
  examplesCommand,
  generateCommand,
  matchCommand,
  infoCommand,
  completionCommand(() => commands),
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
  if (name === undefined) return print(overview(commands));
  if (name === 'help') return help(rest[0]);
  if (name === 'version' || name === '--version' || name === '-V' || name === '-v') return print(`${version}\n`);
  const wantsHelp = words.some((word) => word === '--help' || word === '-h');
  const command = commands.find((one) => one.name === name);
  if (command && !wantsHelp) return command.run(parseArguments(command, withConfig(command, rest)));
  if (command) return print(commandHelp(command));
  if (wantsHelp) return print(overview(commands));
  const names = commands.map((one) => one.name);
  const what = name.startsWith('-') ? 'option' : 'command';
  requireKnownNames('polyadic', [name], what === 'option' ? ['--help', '--version'] : names, what);
  return 2;
}

/** `polyadic help`, `polyadic help COMMAND`. */
function help(name: string | undefined): number {
  if (name === undefined) return print(overview(commands));
  const names = commands.map((one) => one.name);
  requireKnownNames('help', [name], names, 'command');
  return print(
    commands
      .filter((one) => one.name === name)
      .map(commandHelp)
      .join(''),
  );
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
  process.stderr.write(`polyadic ${version}: this is a fault of polyadic, not of your input.\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

/** One line, whatever the names of files and the contents of headers hold. Options by the names they have here. */
function complain(message: string, code: number): number {
  const here = withFlags(message).replace(/^polyadic: /, '');
  process.stderr.write(`polyadic: ${here.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()}\n`);
  return code;
}
