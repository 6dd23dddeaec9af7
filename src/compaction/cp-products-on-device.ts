// The products of cp-problem.ts that read a whole tensor, on a backend.
import type { DeviceTensor } from '../backend/backend.js';
import { modeViews } from '../tensor/stacked.js';
import { sizeOf } from '../tensor/shape.js';
import { waitFor, type Work } from '../yield.js';
import type { CpProducts } from './cp-products-on-cpu.js';

/** All cells known. Arrays are the scope's: one of the size of the tensor, and the factors twice. */
export function cpProductsOnDevice({ scope, shape, array: tensor }: DeviceTensor, rank: number): CpProducts {
  const batch = 1;
  const factors = shape.map((size, mode) => scope.array(`factors of mode ${mode}`, size * rank));
  const products = shape.map((size, mode) => scope.array(`gradient of mode ${mode}`, size * rank));
  const residual = scope.array('residual', sizeOf(shape));
  const squares = scope.array('squared error', 1);
  const model = { shape, rank, batch, factors };

  function* norm(x: Float64Array): Work<number> {
    modeViews(shape, rank, x).forEach((factor, mode) => scope.write(factors[mode]!, factor));
    scope.residualDense({ ...model, tensor, residual });
    scope.sumOfSquares({ batch, length: residual.length, values: residual, out: squares });
    const [sum = NaN] = yield* waitFor(scope.read(squares));
    return Math.sqrt(sum);
  }

  /** The factors are those of the last `norm`. */
  function* gradient(_x: Float64Array, out: Float64Array): Work<void> {
    scope.mttkrpAllDense({ ...model, tensor: residual, products });
    const views = modeViews(shape, rank, out);
    for (const mode of shape.keys()) views[mode]!.set(yield* waitFor(scope.read(products[mode]!)));
  }

  return { norm, gradient };
}
