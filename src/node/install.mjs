// Installs the npm packages when they are missing or no longer match package-lock.json.
// npm keeps its own stamp, node_modules/.package-lock.json: what it installed, in the format of the lock file. So the
// check is a comparison of two JSON files (a few ms), and a package installed by hand never triggers a second install.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @typedef {{ version?: string, optional?: boolean, peer?: boolean }} LockedPackage */

/**
 * Returns true when packages had to be installed.
 * @param {string} root
 */
export function ensureInstalled(root) {
  if (isCurrent(root)) return false;
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
  process.stderr.write(`polyadic: installing packages (npm ${command}), once …\n`);
  runNpm(root, [command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  return true;
}

/** @param {string} root */
function isCurrent(root) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return false;
  const locked = readPackages(join(root, 'package-lock.json')) ?? {};
  return Object.entries(locked).every(
    ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
  );
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  /** @type {{ packages?: Record<string, LockedPackage> }} */
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  return lock.packages;
}

/**
 * npm is silent while it succeeds: its output would mix with that of the command the user asked for.
 * @param {string} root
 * @param {string[]} args
 */
function runNpm(root, args) {
  const cli = process.env['npm_execpath'];
  const byNode = cli !== undefined && basename(cli).startsWith('npm-cli');
  const { status, error, stdout, stderr } = byNode
    ? spawnSync(process.execPath, [cli, ...args], { cwd: root, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  throw new Error(
    `npm ${args[0]}: expected exit code 0, got ${error?.message ?? status ?? 'a signal'}. Fix what npm says above, then try again.`,
  );
}
