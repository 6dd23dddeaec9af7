// Every operation of a backend beside its float64 twin of the cpu backend.
import type { Backend, DeviceArray, Operations } from '../backend/backend.js';
import { openBackend } from '../backend/open.js';
import { dispose } from '../dispose.js';
import { BackendError } from '../errors.js';
import { calls } from './calls.js';

export interface OperationCheck {
  /** As in `Operations`. */
  readonly operation: string;
  /** Largest difference from float64, in units of the largest number of the same array; NaN where there is no number to compare. */
  readonly error: number;
  readonly passed: boolean;
  /** Why there is no number to compare. */
  readonly reason?: string;
}

/** In units of roundoff: sums of a few thousand products that may cancel. 1e-4 in float32. */
const allowedRoundings = 1e-4 * 2 ** 24;

export async function compare(backend: Backend): Promise<readonly OperationCheck[]> {
  const twin = await openBackend('cpu');
  try {
    const checks: OperationCheck[] = [];
    for (const operation of Object.keys(calls) as (keyof Operations)[]) {
      checks.push(await compareOperation(operation, backend, twin));
    }
    return checks;
  } finally {
    twin[dispose]();
  }
}

async function compareOperation(operation: keyof Operations, backend: Backend, twin: Backend): Promise<OperationCheck> {
  try {
    const expected = await numbersOf(twin, operation);
    const got = await numbersOf(backend, operation);
    const error = Math.max(...expected.map((numbers, index) => largestError(got[index], numbers)));
    return { operation, error, passed: error <= allowedRoundings * backend.roundoff };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return { operation, error: NaN, passed: false, reason: error.message };
  }
}

function largestError(got: Float64Array | undefined, expected: Float64Array): number {
  if (got?.length !== expected.length) return NaN;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Math.max keeps NaN.
  const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value)), 0);
  return difference === 0 ? 0 : difference / largest;
}

/** All arrays of all calls of one operation after they ran: what it wrote, and what it must not have changed. */
export async function numbersOf(backend: Backend, name: keyof Operations): Promise<Float64Array[]> {
  const found: Float64Array[] = [];
  for (const call of calls[name]) {
    const scope = backend.scope(name);
    try {
      const args = call(scope);
      (scope[name] as (given: typeof args) => void)(args);
      for (const array of arraysOf(args)) found.push(await scope.read(array));
    } finally {
      scope[dispose]();
    }
  }
  return found;
}

const arraysOf = (args: object): DeviceArray[] =>
  Object.values(args)
    .flat()
    .filter((value): value is DeviceArray => isArray(value));

const isArray = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'label' in value && !('integers' in value);
