// Runs a command of an installed package as if it were this process: same terminal, same exit code, signals passed on.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root
 * @param {string} command  Name of a package with a command of the same name: vitest, vite, tsx
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function runCommand(root, command, args, env) {
  const child = spawn(process.execPath, [...nodeArgs(root, command), ...args], { cwd: root, stdio: 'inherit', env });
  // A terminal sends Ctrl-C to the child as well; passing it on would count as pressing it twice.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * tsx becomes a loader of Node instead of a second process between us and the command.
 * @param {string} root
 * @param {string} command
 */
function nodeArgs(root, command) {
  if (command === 'tsx') return ['--import', 'tsx'];
  const folder = join(root, 'node_modules', command);
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) throw new Error(`bootstrap: expected an installed package, got ${command}. Run: npm ci.`);
  /** @type {{ bin: string | Record<string, string> }} */
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return [join(folder, typeof bin === 'string' ? bin : (bin[command] ?? command))];
}

/** @param {string} message */
export function fail(message) {
  process.stderr.write(`polyadic: ${message}\n`);
  process.exit(1);
}
