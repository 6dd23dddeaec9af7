// The cpu backend: float64, plain loops, the reference answer of every operation. Operations run when they are called.
import { dispose } from '../../dispose.js';
import { yieldIfDue } from '../../yield.js';
import type { Backend, DeviceArray, IndexArray, Operations, Scope } from '../backend.js';
import * as alignment from './alignment.js';
import { CpuArray, CpuIndices, numbers, plain, type CpuArgs } from './arrays.js';
import * as columns from './columns.js';
import * as denseSymmetric from './dense-symmetric.js';
import * as dense from './dense.js';
import * as descent from './descent.js';
import * as factored from './factored.js';
import * as flow from './flow.js';
import * as gram from './gram.js';
import * as largeOrder from './large-order.js';
import * as moments from './moments.js';
import * as normalEquations from './normal-equations.js';
import * as observed from './observed.js';
import * as reduce from './reduce.js';
import * as sensing from './sensing.js';
import * as trace from './trace.js';

/** The operations: whatever these files export. */
const operationsOnPlainArrays = {
  ...alignment,
  ...columns,
  ...dense,
  ...denseSymmetric,
  ...descent,
  ...factored,
  ...flow,
  ...gram,
  ...largeOrder,
  ...moments,
  ...normalEquations,
  ...observed,
  ...reduce,
  ...sensing,
  ...trace,
} satisfies { readonly [name in keyof Operations]: (args: CpuArgs<name>) => void };

const operations = Object.fromEntries(
  Object.entries(operationsOnPlainArrays).map(([name, run]) => [name, (args: object) => run(plain(args) as never)]),
) as unknown as Operations;

class CpuScope {
  readonly #arrays = new Set<CpuArray | CpuIndices>();
  readonly #live: Set<CpuArray | CpuIndices>;

  constructor(live: Set<CpuArray | CpuIndices>) {
    this.#live = live;
  }

  array(label: string, content: number | Float64Array | Float32Array): DeviceArray {
    const data = typeof content === 'number' ? new Float64Array(content) : Float64Array.from(content);
    return this.#keep(new CpuArray(label, data));
  }

  indices(label: string, content: Uint32Array): IndexArray {
    return this.#keep(new CpuIndices(label, content.slice()));
  }

  write(array: DeviceArray, content: Float64Array): void {
    numbers(array).set(content);
  }

  /** Everything has run already; now and then others get their turn. */
  flush(): Promise<void> {
    return yieldIfDue();
  }

  async read(array: DeviceArray): Promise<Float64Array> {
    await this.flush();
    return numbers(array).slice();
  }

  [dispose](): void {
    for (const array of this.#arrays) this.#live.delete(array);
    this.#arrays.clear();
  }

  #keep<A extends CpuArray | CpuIndices>(array: A): A {
    this.#arrays.add(array);
    this.#live.add(array);
    return array;
  }
}

export function openCpu(): Backend {
  const live = new Set<CpuArray | CpuIndices>();
  return {
    kind: 'cpu',
    adapter: { vendor: '', architecture: '', description: 'float64 on the CPU', software: false },
    roundoff: 2 ** -53,
    maxLength: 2 ** 32,
    get liveBuffers() {
      return live.size;
    },
    scope: (): Scope => Object.assign(new CpuScope(live), operations),
    [dispose]: () => live.clear(),
  };
}
