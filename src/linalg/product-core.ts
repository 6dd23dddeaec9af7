// The innermost product of two blocks of matrices, in float64: WebAssembly SIMD where it is to be had, else plain loops. Both sum in
// the same order and give the same bits; the plain loops are what the tests hold the kernels against. Operands are copied, block by
// block, to where the kernels can read them: a few arrays of fixed size that all work in this thread shares. So nothing has to be freed
// and no memory grows.
import { multiplyPacked, packPanel, type Block } from './plain-product.js';
import { wasmBase64 } from './wasm/module.js';
import { openKernels, type Kernel } from './wasm/open.js';

/** Lanes of a block, at most. A product's three blocks and its panel, 896 KiB, stay in the second-level cache. */
export const blockLanes = 128;
/** Terms of a sum in a block, at most: four lanes of both operands, 8 KiB each, stay in the first-level cache. */
export const blockDepth = 256;

export interface ProductCore {
  /** Whether products run in WebAssembly. */
  readonly isWasm: boolean;
  /** Where blocks are copied to, and their product is read. */
  readonly memory: Float64Array;
  /** Whose blocks are there: work that has paused looks here whether it must copy its own once more. */
  user: object | undefined;
  /**
   * memory[at + i · stride + j] = Σ_{d < depth} a(i, d) · b(j, d), where `stride` is the lanes of b up to the next multiple of four, and
   * rows and columns are filled up to that. With `lower` only where i ≥ j, and beside the diagonal.
   */
  multiply(depth: number, a: Block, b: Block, at: number, stride: number, lower: boolean): void;
  /** Conjugate gradients of compaction/cp-normal-matrix.ts (wasm/kernels.ts); not where plain loops run. */
  readonly conjugateSteps: Kernel | undefined;
}

let core: ProductCore | undefined;
let isWasmAllowed = true;

/** The core of this thread, made when it is first needed. */
export const productCore = (): ProductCore => (core ??= (isWasmAllowed && wasmCore()) || plainCore());

/** What a result says where products run in plain loops. */
export const plainNote = (): string =>
  productCore().isWasm ? '' : '; float64 runs in plain loops, as WebAssembly SIMD is missing or not allowed here';

/** For tests: plain loops from now on, or WebAssembly again. */
export function allowWasm(isAllowed: boolean): void {
  isWasmAllowed = isAllowed;
  core = undefined;
}

const operandSize = blockLanes * blockDepth;
const productSize = blockLanes * blockLanes;
/** Where blocks of the two operands go, and their product. */
export const places = { a: 0, b: operandSize, product: 2 * operandSize } as const;
const panelAt = places.product + productSize;
/** Where four rows are packed. Behind a panel four more numbers may be overwritten. */
const fourAt = panelAt + operandSize + 4;
const size = fourAt + 4 * blockDepth + 4;

function plainCore(): ProductCore {
  const memory = new Float64Array(size);
  return {
    isWasm: false,
    memory,
    user: undefined,
    conjugateSteps: undefined,
    multiply: (depth, a, b, at, stride, lower) => {
      packPanel(memory, b, depth, panelAt);
      multiplyPacked(memory, depth, a, panelAt, b.lanes, at, stride, lower);
    },
  };
}

/** Undefined where there is no WebAssembly, where it has no SIMD, and where a content security policy forbids it. */
function wasmCore(): ProductCore | undefined {
  const opened = openKernels<'pack' | 'multiply' | 'conjugateSteps'>(wasmBase64, size);
  if (!opened) return undefined;
  const { memory, kernels } = opened;
  return {
    isWasm: true,
    memory,
    user: undefined,
    conjugateSteps: kernels.conjugateSteps,
    multiply: (depth, { at, lanes, laneStride, depthStride }, b, productAt, stride, lower) => {
      kernels.pack(8 * b.at, b.lanes, depth, b.laneStride, b.depthStride, 8 * panelAt);
      kernels.multiply(
        lanes,
        b.lanes,
        depth,
        8 * at,
        laneStride,
        depthStride,
        8 * panelAt,
        8 * fourAt,
        8 * productAt,
        stride,
        Number(lower),
      );
    },
  };
}
