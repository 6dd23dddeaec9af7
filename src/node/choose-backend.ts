// The backend a command is to open. Dawn writes its drivers' warnings straight to stderr where there is no adapter, so a
// process of its own is asked first: then 'auto' is 'cpu' without a word, and 'webgpu' fails in one line.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { BackendError } from '../errors.js';
import type { BackendChoice } from '../index.js';

export interface ChosenBackend {
  readonly choice: BackendChoice;
  /** Why, where the library cannot know it. */
  readonly reason: string | undefined;
}

/** @throws BackendError when WebGPU is asked for by name and there is no adapter. */
export function chooseBackend(choice: BackendChoice): ChosenBackend {
  if (choice === 'cpu' || !isWithoutAdapter()) return { choice, reason: undefined };
  if (choice === 'auto') return { choice: 'cpu', reason: 'there is no WebGPU adapter' };
  throw new BackendError(
    'expected a WebGPU adapter for --backend webgpu, got none. Use --backend cpu, or a machine with a GPU and its Vulkan driver.',
  );
}

const noAdapter = 10;

/** False also where it cannot be told (package not installed, a slow driver): opening the backend then says more. */
function isWithoutAdapter(): boolean {
  const dawn = pathOfDawn();
  if (dawn === undefined) return false;
  const script = `
    const { create } = await import(${JSON.stringify(pathToFileURL(dawn).href)});
    process.exit((await create([]).requestAdapter()) ? 0 : ${noAdapter});`;
  const args = ['--input-type=module', '--eval', script];
  return spawnSync(process.execPath, args, { stdio: 'ignore', timeout: 20_000 }).status === noAdapter;
}

function pathOfDawn(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('webgpu');
  } catch {
    return undefined;
  }
}
