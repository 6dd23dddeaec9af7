// Runs the command line, as test/support/built.ts has built it, as its own process in a folder of the caller's.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject } from 'vitest';
import { withoutProgress } from './progress-lines.js';
import { root } from './project-files.js';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export const cliFile = join(inject('dist'), 'cli.js');

export const runCli = (args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  runProcess(process.execPath, [cliFile, ...args], options);

/** A script in TypeScript, from its source. */
export function runScript(script: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const loader = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  return runProcess(process.execPath, ['--import', loader, join(root, script), ...args], options);
}

export function runProcess(
  command: string,
  args: readonly string[],
  { cwd = root, env }: RunOptions = {},
): Promise<Finished> {
  return finish(spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Runs before the command line, in its process: tells us when somebody begins to listen to Ctrl-C. */
const announce = `process.on('newListener', (event) => event === 'SIGINT' && process.send('listening'));`;

/** The command line, interrupted by Ctrl-C as soon as it listens to it. */
export function interruptCli(args: readonly string[], { cwd = root }: RunOptions = {}): Promise<Finished> {
  const execArgv = ['--import', `data:text/javascript,${encodeURIComponent(announce)}`];
  const child = fork(cliFile, args, { cwd, execArgv, silent: true });
  child.once('message', () => child.kill('SIGINT'));
  return finish(child);
}

function finish(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const out = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: out.stdout, stderr: withoutProgress(out.stderr) }));
  });
}
