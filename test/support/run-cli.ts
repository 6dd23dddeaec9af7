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

/** The command line, interrupted by Ctrl-C as soon as it tells its progress: it has found something then. */
export function interruptCli(args: readonly string[], { cwd = root }: RunOptions = {}): Promise<Finished> {
  const child = fork(cliFile, args, { cwd, silent: true });
  const interrupt = (text: string): void => {
    if (withoutProgress(text) === text) return;
    child.stderr?.off('data', interrupt);
    child.kill('SIGINT');
  };
  child.stderr?.setEncoding('utf8').on('data', interrupt);
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
