// The cpu backend: float64, plain loops, the reference answer of every operation. Operations run when they are called.
import { dispose } from '../../dispose.js';
import { breathe } from '../../macrotask.js';
import type { Backend, DeviceArray, IndexArray, Operations, Scope } from '../backend.js';
import { recordComponents } from './alignment.js';
import { cpuArray, cpuIndices, numbers, type CpuArray, type CpuIndices } from './arrays.js';
import { columnNorms, scaleColumns } from './columns.js';
import { mttkrpAllDense, mttkrpDense, residualDense } from './dense.js';
import { contractSymmetric } from './dense-symmetric.js';
import { descend, descendAdam, groupRates } from './descent.js';
import { contractFactored, updateVanilla } from './factored.js';
import { normalizeRows, setRates, shiftRows, updatePolar } from './flow.js';
import { gram } from './gram.js';
import { gradientLargeOrder, predictLargeOrder } from './large-order.js';
import { subtractGaussian } from './moments.js';
import { factorNormalMatrix, subtractSolution } from './normal-equations.js';
import { gradientObserved, lossAndGradientObserved, lossObserved, predictObserved } from './observed.js';
import { sumOfSquares } from './reduce.js';
import { measureAdjoint, measureDense, measureKruskal, measureKruskalAdjoint } from './sensing.js';
import { traceResidual } from './trace.js';

const operations: Operations = {
  contractFactored,
  updateVanilla,
  residualDense,
  mttkrpDense,
  mttkrpAllDense,
  contractSymmetric,
  subtractGaussian,
  measureDense,
  measureAdjoint,
  measureKruskal,
  measureKruskalAdjoint,
  predictObserved,
  lossObserved,
  gradientObserved,
  lossAndGradientObserved,
  predictLargeOrder,
  gradientLargeOrder,
  sumOfSquares,
  normalizeRows,
  setRates,
  shiftRows,
  updatePolar,
  descend,
  descendAdam,
  groupRates,
  traceResidual,
  recordComponents,
  gram,
  factorNormalMatrix,
  subtractSolution,
  columnNorms,
  scaleColumns,
};

class CpuScope {
  readonly #arrays = new Set<CpuArray | CpuIndices>();
  readonly #live: Set<CpuArray | CpuIndices>;

  constructor(live: Set<CpuArray | CpuIndices>) {
    this.#live = live;
  }

  array(label: string, content: number | Float64Array | Float32Array): DeviceArray {
    const array = cpuArray(label, typeof content === 'number' ? new Float64Array(content) : Float64Array.from(content));
    return this.#keep(array);
  }

  indices(label: string, content: Uint32Array): IndexArray {
    return this.#keep(cpuIndices(label, content.slice()));
  }

  write(array: DeviceArray, content: Float64Array): void {
    numbers(array).set(content);
  }

  /** Everything has run already; now and then others get their turn. */
  flush(): Promise<void> {
    return breathe();
  }

  async read(array: DeviceArray): Promise<Float64Array> {
    await this.flush();
    return (array as CpuArray).data.slice();
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
