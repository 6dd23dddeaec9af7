// Runs the command line from the sources as its own process, in a folder of the caller's.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
  /** Called with the process when it has started. */
  readonly started?: (child: ReturnType<typeof spawn>) => void;
}

const loader = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;

export const runCli = (args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  runScript('src/cli/main.ts', args, options);

export function runScript(script: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runProcess(process.execPath, ['--import', loader, join(root, script), ...args], options);
}

export function runProcess(
  command: string,
  args: readonly string[],
  { cwd = root, env, started }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...out }));
    started?.(child);
  });
}
