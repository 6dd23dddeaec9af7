// Prepares a bare clone and runs a command in it: `node src/node/bootstrap.mjs COMMAND ARGS…`, called by the scripts of
// package.json. Node and npm are all it needs: packages are installed when missing or stale, a browser is found or
// unpacked (its path goes into CHROMIUM), and without a GPU Node's WebGPU gets a software Vulkan driver.
// Environment it sets: CHROMIUM, POLYADIC_ADAPTER (hardware | software), LD_LIBRARY_PATH and VK_* (vulkan.mjs).
import { fileURLToPath } from 'node:url';
import { bundledBrowser, findBrowser, installAdvice, writeLauncher } from './browser.mjs';
import { fail, runCommand } from './command.mjs';
import { ensureInstalled } from './install.mjs';
import { driverEnvironment, findDriverFolder, hasHardwareAdapter, userChoseDriver } from './vulkan.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const oldestNode = [20, 19];

try {
  checkNode();
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) throw new Error('bootstrap: expected COMMAND ARGS…, got nothing. See package.json.');
  ensureInstalled(root);
  const isCli = args[0] === 'src/cli/main.ts';
  const env = isCli ? cliEnvironment(args.slice(1)) : environment(command);
  runCommand(root, command, args, { ...process.env, ...env });
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `expected Node ${oldestNode.join('.')} or newer, got ${process.versions.node}. Install the current LTS version.`,
  );
}

/**
 * Browser and adapter of the tests, the benchmarks and the demo, told in one line.
 * @param {string} command
 */
function environment(command) {
  const browser = findBrowser(root);
  if (!browser && command === 'vitest') throw new Error(`expected a Chrome or Chromium, found none. ${installAdvice}`);
  const adapter = adapterEnvironment(browser?.path);
  const found = browser ? `${browser.version} (${browser.source})` : `no Chrome or Chromium (${installAdvice})`;
  process.stderr.write(`polyadic: Node ${process.versions.node}, ${found}, ${adapter.description}\n`);
  return { ...(browser ? { CHROMIUM: writeLauncher(root, browser) } : {}), ...adapter.env };
}

/**
 * The command line is silent, and pays for a software adapter only when asked for one by name (`auto` never takes it).
 * @param {string[]} args
 */
function cliEnvironment(args) {
  const wanted =
    args[0] === 'info' ||
    args.includes('--backend=webgpu') ||
    args[args.indexOf('--backend') + 1] === 'webgpu' ||
    process.env['POLYADIC_BACKEND'] === 'webgpu';
  return wanted ? adapterEnvironment(undefined).env : {};
}

/** @param {string | undefined} browserPath */
function adapterEnvironment(browserPath) {
  if (userChoseDriver()) return { env: {}, description: 'Vulkan driver chosen by VK_DRIVER_FILES' };
  if (hasHardwareAdapter(root)) return { env: { POLYADIC_ADAPTER: 'hardware' }, description: 'WebGPU on the GPU' };
  const env = { POLYADIC_ADAPTER: 'software' };
  const folder = findDriverFolder(browserPath) ?? findDriverFolder(bundledBrowser(root)?.path);
  if (!folder) return { env, description: 'no GPU and no software Vulkan driver for Node' };
  return { env: { ...env, ...driverEnvironment(folder) }, description: 'no GPU: WebGPU on SwiftShader, in software' };
}
