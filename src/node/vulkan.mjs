// Gives Node's WebGPU (npm package `webgpu`, which is Dawn) a Vulkan driver on a Linux machine without a GPU: the
// SwiftShader that lies beside every Chromium. Machines with a GPU, other systems, and users who chose a driver by
// VK_DRIVER_FILES are left alone. The variables must be set before the process starts, hence here.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const driverFile = 'vk_swiftshader_icd.json';

/** Where distributions put what lies beside their browser. */
const systemFolders = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
];

export function userChoseDriver() {
  return Boolean(process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES']);
}

/**
 * A device node alone is no proof (a container may show it without a driver), so then Dawn itself is asked, once.
 * @param {string} root
 */
export function hasHardwareAdapter(root) {
  if (process.platform !== 'linux') return true;
  const nodes = ['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
  const renderers = existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('render'));
  return (nodes || renderers) && dawnFindsHardware(root);
}

/** @param {string} root */
function dawnFindsHardware(root) {
  const script = `import('webgpu').then(async ({ create }) => {
    const adapter = await create([]).requestAdapter();
    process.exit(adapter && !adapter.info.isFallbackAdapter && adapter.info.architecture !== 'swiftshader' ? 0 : 1);
  })`;
  return spawnSync(process.execPath, ['--eval', script], { cwd: root, timeout: 20_000 }).status === 0;
}

/**
 * The folder with SwiftShader: beside the browser, else where the system's browser keeps it.
 * @param {string | undefined} browserPath
 */
export function findDriverFolder(browserPath) {
  const beside = browserPath === undefined ? [] : [dirname(realpathSync(browserPath))];
  return [...beside, ...systemFolders].find((folder) => existsSync(join(folder, driverFile)));
}

/**
 * LD_LIBRARY_PATH because the Vulkan loader, libvulkan.so.1, lies in the same folder; both names of the second variable
 * because loaders before 1.3.207 know only VK_ICD_FILENAMES.
 * @param {string} folder
 */
export function driverEnvironment(folder) {
  const libraryPath = process.env['LD_LIBRARY_PATH'];
  const driver = join(folder, driverFile);
  return {
    LD_LIBRARY_PATH: libraryPath ? `${folder}:${libraryPath}` : folder,
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
  };
}
