// Finds a Chromium for the tests, the benchmarks and the demo, in this order: CHROMIUM or PUPPETEER_EXECUTABLE_PATH, a
// Chrome or Chromium of the system, puppeteer's cache, and on Linux x64 the one inside the npm package
// @sparticuz/chromium, which needs nothing of the system and is unpacked into the project's own cache.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** @typedef {{ path: string, version: string, source: string, libraries?: string, fonts?: string }} Browser */

export const installAdvice =
  process.platform === 'linux'
    ? 'Install one (for example: sudo apt install chromium), or name yours: CHROMIUM=/path/to/chrome npm test.'
    : 'Install Google Chrome, or run: npx puppeteer browsers install chrome.';

/**
 * Flags under which a headless Chromium offers WebGPU and stays off the network.
 * POLYADIC_ADAPTER is set by bootstrap.mjs; on `software` Chromium must not look for a GPU at all.
 */
export function chromiumArgs() {
  return [
    '--no-sandbox',
    '--enable-unsafe-webgpu',
    ...(process.env['POLYADIC_ADAPTER'] === 'software' ? ['--use-webgpu-adapter=swiftshader'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
  ];
}

/**
 * @param {string} root
 * @returns {Browser | undefined}
 */
export function findBrowser(root) {
  return fromEnvironment() ?? fromSystem() ?? fromPuppeteer() ?? bundledBrowser(root);
}

/** @returns {Browser | undefined} */
function fromEnvironment() {
  for (const name of ['CHROMIUM', 'PUPPETEER_EXECUTABLE_PATH']) {
    const path = process.env[name];
    if (!path) continue;
    const browser = inspect(path, name);
    if (!browser) throw new Error(`${name}: expected a Chrome or Chromium that starts, got ${path}. ${installAdvice}`);
    return browser;
  }
  return undefined;
}

function fromSystem() {
  const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (process.platform === 'darwin') paths.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  if (process.platform === 'win32') {
    const programs = [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)'], process.env['LOCALAPPDATA']];
    paths.push(...programs.map((folder) => join(folder ?? '', 'Google/Chrome/Application/chrome.exe')));
  }
  return firstThatStarts(paths, 'system');
}

/** puppeteer keeps chrome/PLATFORM-VERSION/chrome-PLATFORM/EXECUTABLE, and the same for chrome-headless-shell. */
function fromPuppeteer() {
  const cache = process.env['PUPPETEER_CACHE_DIR'] ?? join(homedir(), '.cache', 'puppeteer');
  const executables = [
    ['chrome', 'chrome'],
    ['chrome', 'chrome.exe'],
    ['chrome', 'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing'],
    ['chrome-headless-shell', 'chrome-headless-shell'],
    ['chrome-headless-shell', 'chrome-headless-shell.exe'],
  ];
  const paths = executables.flatMap(([product = '', executable = '']) =>
    folders(join(cache, product))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .flatMap((version) => folders(version).map((platform) => join(platform, executable))),
  );
  return firstThatStarts(paths, "puppeteer's cache");
}

/**
 * The Chromium of @sparticuz/chromium, unpacked on first use (1-2 s, 200 MB). It is made for AWS Lambda: told that it
 * runs there, it also unpacks the system libraries it needs; its temp folder is our cache.
 * @param {string} root
 * @returns {Browser | undefined}
 */
export function bundledBrowser(root) {
  const manifest = join(root, 'node_modules', '@sparticuz', 'chromium', 'package.json');
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(manifest)) return undefined;
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const folder = join(cacheFolder(root), `chromium-${version}`);
  if (!existsSync(folder)) unpack(root, folder);
  const libraries = join(folder, 'al2023', 'lib');
  const browser = inspect(join(folder, 'chromium'), 'npm @sparticuz/chromium', libraries);
  if (!browser) throw new Error(`bundledBrowser: expected ${folder}/chromium to start, got an error. ${installAdvice}`);
  return { ...browser, libraries, fonts: join(folder, 'fonts') };
}

/**
 * Into a folder of this process first: two runs at once must not see each other's half-written files.
 * @param {string} root
 * @param {string} folder
 */
function unpack(root, folder) {
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
  const env = { ...process.env, TMPDIR: temporary, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' };
  const { status, stderr } = spawnSync(process.execPath, ['--eval', script], { cwd: root, env, encoding: 'utf8' });
  if (status === 0 && !existsSync(folder)) renameSync(temporary, folder);
  rmSync(temporary, { recursive: true, force: true });
  if (status !== 0) throw new Error(`bundledBrowser: could not unpack @sparticuz/chromium.\n${stderr}${installAdvice}`);
}

/**
 * Writes a launcher that starts the browser in the environment it needs, whoever calls it (playwright, puppeteer, a
 * person). Chromium brings its own Vulkan driver, and finds no adapter when VK_DRIVER_FILES names that of Node.
 * The name of the file depends on its text, so no launcher is ever overwritten: a browser that is itself a launcher of
 * this function, or a script that calls one, would otherwise start itself for ever.
 * @param {string} root
 * @param {Browser} browser
 */
export function writeLauncher(root, browser) {
  if (process.platform !== 'linux') return browser.path;
  const lines = ['#!/bin/sh', '# Written by src/node/browser.mjs.', 'unset VK_DRIVER_FILES VK_ICD_FILENAMES'];
  if (browser.libraries) {
    lines.push(`export LD_LIBRARY_PATH=${quote(browser.libraries)}"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`);
  }
  if (browser.fonts && !existsSync('/usr/share/fonts')) {
    const config = join(cacheFolder(root), 'fonts.conf');
    writeWhole(config, `<?xml version="1.0"?>\n<fontconfig><dir>${browser.fonts}</dir></fontconfig>\n`);
    lines.push(`export FONTCONFIG_FILE=${quote(config)}`);
  }
  const text = `${lines.join('\n')}\nexec ${quote(browser.path)} "$@"\n`;
  const launcher = join(cacheFolder(root), `launcher-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`);
  writeWhole(launcher, text);
  return launcher;
}

/** @param {string} root */
function cacheFolder(root) {
  const folder = join(root, 'node_modules', '.cache', 'polyadic');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * @param {string} file
 * @param {string} text
 */
function writeWhole(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o755 });
  renameSync(temporary, file);
}

/** @param {string} text */
const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** @param {string} folder */
const folders = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);

/**
 * @param {string[]} paths
 * @param {string} source
 */
function firstThatStarts(paths, source) {
  for (const path of paths) {
    const browser = inspect(path, source);
    if (browser) return browser;
  }
  return undefined;
}

/**
 * Starting it weeds out stubs (Ubuntu's chromium-browser that only asks for a snap). On Windows `--version` would open
 * a window instead.
 * @param {string} path
 * @param {string} source
 * @param {string} [libraries]
 * @returns {Browser | undefined}
 */
function inspect(path, source, libraries) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return undefined;
  }
  if (process.platform === 'win32') return { path, source, version: 'Chrome' };
  const env = { ...process.env, ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}) };
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000, env });
  const [, name, version] = status === 0 ? (/(Chrom\w+)\D*([\d.]+)/.exec(stdout) ?? []) : [];
  return name && version ? { path, source, version: `${name} ${version}` } : undefined;
}
