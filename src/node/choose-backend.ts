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

/** @throws BackendError when WebGPU is asked for by name and there is none. */
export function chooseBackend(choice: BackendChoice): ChosenBackend {
  if (choice === 'cpu') return { choice, reason: undefined };
  const dawn = pathOfDawn();
  if (dawn !== undefined && !isWithoutAdapter(dawn)) return { choice, reason: undefined };
  const reason = dawn === undefined ? 'the npm package webgpu is not installed' : 'there is no WebGPU adapter';
  if (choice === 'auto') return { choice: 'cpu', reason };
  const remedy = dawn === undefined ? 'run npm install webgpu' : 'a machine with a GPU and its driver';
  throw new BackendError(
    `expected a WebGPU adapter for --backend webgpu, got none: ${reason}. Use --backend cpu, or ${remedy}.`,
  );
}

const noAdapter = 10;

/** False also where it cannot be told (a slow driver, a crash): opening the backend then says more. */
function isWithoutAdapter(dawn: string): boolean {
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
