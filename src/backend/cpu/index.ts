// The cpu backend: float64, the reference answer of every operation. Products of matrices run in WebAssembly where that is to be had
// (../../linalg/matrix-product.ts), all else in plain loops. As on a GPU, operations are recorded when they are
// called and run when they are flushed or read, with turns of the event loop in between.
import { dispose } from '../../dispose.js';
import { isTurnDue, throwIfAborted, untilAborted, yieldIfDue, type MaybeWork } from '../../yield.js';
import type { Backend, DeviceArray, IndexArray, Operations, Scope } from '../backend.js';
import { host } from '../host.js';
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
import * as modeProducts from './mode-products.js';
import * as moments from './moments.js';
import * as normalEquations from './normal-equations.js';
import * as observed from './observed.js';
import * as reduce from './reduce.js';
import * as sampling from './sampling.js';
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
  ...modeProducts,
  ...moments,
  ...normalEquations,
  ...observed,
  ...reduce,
  ...sampling,
  ...sensing,
  ...trace,
} satisfies { readonly [name in keyof Operations]: (args: CpuArgs<name>) => MaybeWork<void> };

/** Something that was recorded. */
type Recorded = () => MaybeWork<void>;

/** The operations, which are recorded. */
const operationsOf = (record: (run: Recorded) => void): Operations =>
  Object.fromEntries(
    Object.entries(operationsOnPlainArrays).map(([name, run]) => [
      name,
      // Looked into when it is run: there others have their turn between two operations, here they would wait for thousands.
      (args: object) => record(() => (run as (args: never) => MaybeWork<void>)(plain(args) as never)),
    ]),
  ) as unknown as Operations;

class CpuScope {
  readonly #arrays = new Set<CpuArray | CpuIndices>();
  readonly #live: Set<CpuArray | CpuIndices>;
  readonly #signal: AbortSignal | undefined;
  #recorded: Recorded[] = [];
  /** One flush at a time. */
  #flushed: Promise<void> = Promise.resolve();

  constructor(live: Set<CpuArray | CpuIndices>, signal: AbortSignal | undefined) {
    this.#live = live;
    this.#signal = signal;
  }

  array(label: string, content: number | Float64Array | Float32Array): DeviceArray {
    const data = typeof content === 'number' ? new Float64Array(content) : new Float64Array(content);
    return this.#keep(new CpuArray(label, data));
  }

  indices(label: string, content: Uint32Array): IndexArray {
    return this.#keep(new CpuIndices(label, content));
  }

  write(array: DeviceArray, content: Float64Array, first = 0): void {
    const to = numbers(array);
    const values = content.slice();
    this.record(() => to.set(values, first));
  }

  record(run: Recorded): void {
    this.#recorded.push(run);
  }

  /** Runs what was recorded; others get their turn in between. */
  flush(): Promise<void> {
    return (this.#flushed = this.#flushed.then(() => this.#run()));
  }

  /** @throws AbortedError; the rest is dropped. */
  async #run(): Promise<void> {
    const recorded = this.#recorded;
    this.#recorded = [];
    for (const run of recorded) {
      const work = run();
      if (work) await untilAborted(work, this.#signal);
      if (isTurnDue()) await yieldIfDue();
      throwIfAborted(this.#signal);
    }
    if (isTurnDue()) await yieldIfDue();
  }

  async read(array: DeviceArray, first = 0, end = array.length): Promise<Float64Array> {
    await this.flush();
    return numbers(array).slice(first, end);
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
    ...host,
    maxLength: 2 ** 32,
    get liveBuffers() {
      return live.size;
    },
    scope: (_, signal): Scope => {
      const scope = new CpuScope(live, signal);
      return Object.assign(
        scope,
        operationsOf((run) => scope.record(run)),
      );
    },
    [dispose]: () => live.clear(),
  };
}
