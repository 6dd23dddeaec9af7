// Runs one operation on both backends with the same inputs, and says how far float32 may lie from float64.
// The bound is that of Higham & Mary, "A New Approach to Probabilistic Rounding Error Analysis", SISC 41 (2019), thm. 2.4:
// a value made of sums of products with k roundings on its longest path is off by at most λ √k · u · (the same value computed from the
// inputs' magnitudes), u = 2⁻²⁴, except with probability 2k·exp(−λ²/2); λ = 6 gives less than 1e-4 at k = 10⁴.
// Magnitudes come from the cpu backend itself, run once more on absolute values.
import { expect } from 'vitest';
import type { Backend, DeviceArray, Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { randomStream } from '../../src/random/stream.js';

export type Inputs = Readonly<Record<string, Float64Array>>;
type Arrays<I extends Inputs> = { readonly [name in keyof I]: DeviceArray };

export interface ParityCase<I extends Inputs> {
  /** Default: a webgpu backend with the adapter's usual tiles. */
  readonly backend?: Backend;
  /** Rounded to float32 first, so that both backends get the same numbers. */
  readonly inputs: I;
  /** Records the operation; returns the arrays to compare. */
  readonly record: (scope: Scope, arrays: Arrays<I>) => Readonly<Record<string, DeviceArray>>;
  /** Roundings on the longest path from an input to an output. */
  readonly roundings: number;
  /** Magnitudes of the outputs when they are not the operation on absolute inputs. */
  readonly magnitudes?: Readonly<Record<string, Float64Array>>;
}

const lambda = 6;
const unitRoundoff = 2 ** -24;

let opened: Promise<Backend> | undefined;
/** One webgpu backend for a whole test file. */
export const webgpu = (): Promise<Backend> => (opened ??= openWebGpu());

export async function expectParity<I extends Inputs>(parity: ParityCase<I>): Promise<void> {
  const rounded = mapInputs(parity.inputs, (values) => Float64Array.from(values, Math.fround));
  const reference = await onCpu(rounded, parity.record);
  const absolute =
    parity.magnitudes ??
    (await onCpu(
      mapInputs(rounded, (v) => v.map(Math.abs)),
      parity.record,
    ));
  const measured = await outputs(parity.backend ?? (await webgpu()), rounded, parity.record);
  const allowed = lambda * Math.sqrt(parity.roundings) * unitRoundoff;
  for (const [name, expected] of Object.entries(reference)) {
    const got = measured[name] ?? new Float64Array(0);
    const scale = absolute[name] ?? new Float64Array(0);
    expect(got.length, `${name}: number of entries`).toBe(expected.length);
    expected.forEach((value, index) => {
      const bound = allowed * scale[index]! + 1e-37;
      const error = Math.abs(got[index]! - value);
      if (!(error <= bound)) {
        expect.fail(`${name}[${index}]: webgpu ${got[index]}, cpu ${value}, difference ${error}, allowed ${bound}`);
      }
    });
  }
}

/** The outputs of an operation on the cpu backend. */
export const onCpu = <I extends Inputs>(
  inputs: I,
  record: ParityCase<I>['record'],
): Promise<Record<string, Float64Array>> => outputs(openCpu(), inputs, record);

async function outputs<I extends Inputs>(
  backend: Backend,
  inputs: I,
  record: ParityCase<I>['record'],
): Promise<Record<string, Float64Array>> {
  using scope = backend.scope('parity');
  const arrays = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, scope.array(name, data)]));
  const recorded = record(scope, arrays as Arrays<I>);
  const read: Record<string, Float64Array> = {};
  for (const [name, array] of Object.entries(recorded)) read[name] = await scope.read(array);
  return read;
}

function mapInputs<I extends Inputs>(inputs: I, turn: (values: Float64Array) => Float64Array): I {
  return Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, turn(values)])) as unknown as I;
}

/** `length` seeded Gaussian numbers. */
export function normals(length: number, seed = 1): Float64Array {
  const random = randomStream(seed);
  return Float64Array.from({ length }, () => random.normal());
}
