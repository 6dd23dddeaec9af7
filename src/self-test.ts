// Whether a backend computes what it should. Its code and its calls are loaded when they are asked for.
import type { Backend } from './backend/backend.js';
import { requireForm } from './tensor/require.js';
import type { OperationCheck } from './self-test/compare.js';

export type { OperationCheck } from './self-test/compare.js';

/**
 * Runs every operation of an open backend on small arrays of odd sizes, and compares them with float64 on the CPU: a kernel that a driver
 * compiles wrongly is named. A few seconds, most of them to compile.
 *
 * @example
 * ```ts
 * import { openBackend, selfTest } from 'polyadic';
 *
 * using backend = await openBackend('cpu'); // or 'webgpu'
 * const failed = (await selfTest(backend)).filter(({ passed }) => !passed);
 * console.log(failed); // []
 * ```
 * @throws InputError for what is no open backend.
 */
export async function selfTest(backend: Backend): Promise<readonly OperationCheck[]> {
  const given: unknown = backend;
  const isOpen = typeof given === 'object' && given !== null && 'scope' in given && 'roundoff' in given;
  requireForm('selfTest', given, isOpen, { name: 'backend', expected: 'an open backend, that of openBackend' });
  return (await import('./self-test/compare.js')).compare(backend);
}
